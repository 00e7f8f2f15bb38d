"""Ask, check, mask, write down, answer."""

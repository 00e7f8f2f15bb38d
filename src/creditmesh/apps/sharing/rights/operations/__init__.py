"""Contest, correct, repair, ask a person: every step written down, every clock kept."""

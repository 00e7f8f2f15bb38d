"""What a version may become, how a file is edited in place, and what two files differ in."""

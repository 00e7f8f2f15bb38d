"""What the node remembers: headless Django apps on a ladder."""

"""What anyone may take away and run: one file each, of the standard library and cryptography alone."""

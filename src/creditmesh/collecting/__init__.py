"""A file or a message -> a validated batch, with quality measures."""

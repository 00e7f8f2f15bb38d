"""What can be wrong in an index-system file, found one kind at a time."""

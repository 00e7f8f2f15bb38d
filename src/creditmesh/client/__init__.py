"""A bank's program: typed calls to a node, signed."""

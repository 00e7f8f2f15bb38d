"""What leaves the node, on whose word, and the rights of those it is about."""

"""Commands that fill a node with invented examples."""

"""Evaluate who is held in the node, keep what came out, and show it to those who may see it."""

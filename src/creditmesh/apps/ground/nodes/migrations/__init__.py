"""The tables of nodes, step by step."""

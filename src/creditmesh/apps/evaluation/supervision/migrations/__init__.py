"""The tables of supervision, step by step."""

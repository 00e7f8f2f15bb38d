"""The tables of published systems, step by step."""

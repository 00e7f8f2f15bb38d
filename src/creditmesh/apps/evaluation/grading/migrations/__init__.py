"""The tables of grading, step by step."""

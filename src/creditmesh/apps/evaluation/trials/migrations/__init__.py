"""The table of trials, step by step."""

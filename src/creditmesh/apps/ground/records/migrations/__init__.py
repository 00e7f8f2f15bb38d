"""The tables of records, step by step."""

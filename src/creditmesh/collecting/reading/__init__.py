"""A delivered file of any kind -> rows of text that a query can walk, each with its number."""

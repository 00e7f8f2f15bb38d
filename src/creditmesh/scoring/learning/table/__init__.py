"""What stands in a table: typed columns, their bands, what is left out and what looks like a leak."""

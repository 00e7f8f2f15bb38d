"""What every node has: who is who, what was done, and the records themselves."""

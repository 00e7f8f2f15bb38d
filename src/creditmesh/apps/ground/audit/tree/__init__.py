"""The Merkle tree over the entries, as the database keeps it."""

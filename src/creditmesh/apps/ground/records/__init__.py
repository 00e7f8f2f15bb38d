"""Batches, the records they bring, and how good they are."""

"""Objections, corrections and credit repair, and telling everyone who holds a stale value."""

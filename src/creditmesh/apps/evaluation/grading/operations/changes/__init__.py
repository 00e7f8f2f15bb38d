"""Runs of changes: whom a change reaches, their results put into those of the full run at the base, when to ask."""

"""Management commands, each one call."""

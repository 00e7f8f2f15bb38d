"""The acts: receive, validate, land, decide, reindex."""

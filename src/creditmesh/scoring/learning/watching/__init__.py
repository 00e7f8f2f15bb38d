"""Watching a system at work: drift of what it sees, and how much it hangs on each weight."""

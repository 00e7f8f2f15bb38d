"""Ask for trials, carry them out, propose what was simulated."""

"""Ask for a run, execute it, replay it, look into its results."""

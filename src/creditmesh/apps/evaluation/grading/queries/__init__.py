"""What is known of runs and of the standings they gave."""

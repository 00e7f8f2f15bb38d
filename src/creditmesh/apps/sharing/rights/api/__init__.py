"""What rights are by program: for departments, and for the enterprises themselves."""

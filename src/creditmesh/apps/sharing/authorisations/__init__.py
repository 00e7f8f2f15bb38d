"""What an enterprise allows whom to learn, for what, for how long; signed."""

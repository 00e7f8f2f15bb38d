"""What records are worth: index systems, grades, and where inspectors go."""

"""What a trial may become, and how its numbers are measured."""

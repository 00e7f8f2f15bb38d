"""Draft, propose, approve, roll back."""

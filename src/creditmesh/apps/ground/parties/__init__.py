"""Organisations, people, what they may do, and the register of credit subjects."""

"""Trials of index systems before they are published: simulation, back-test, shadow, and what they found."""

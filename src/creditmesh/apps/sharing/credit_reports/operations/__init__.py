"""Gather, issue, open, print and end credit reports."""

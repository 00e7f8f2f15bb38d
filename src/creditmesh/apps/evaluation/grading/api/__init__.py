"""Grading for programs: runs and results, and adjustments by people."""

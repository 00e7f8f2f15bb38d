"""Declare outcomes, record facts, judge institutions."""

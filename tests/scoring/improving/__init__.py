"""Tests of what would bring an enterprise the next grade."""

"""Tests of learning systems from tables."""

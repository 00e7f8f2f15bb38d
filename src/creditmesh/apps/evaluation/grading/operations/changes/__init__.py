"""Runs of changes and the cadence: whom a change reaches, and when runs are asked for by themselves."""

"""Pages of regulators: distribution, enterprises, runs, index systems."""

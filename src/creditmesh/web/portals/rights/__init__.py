"""Rights of the enterprise on three sides: its own pages, the operator, the departments that answer."""

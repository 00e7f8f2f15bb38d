"""Real-name registration, who may act for an enterprise."""

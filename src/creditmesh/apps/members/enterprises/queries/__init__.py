"""Who may act for an enterprise, what is claimed, and what the register says."""

"""The ledger: who did what, to what, and why; and the news that travels upward."""

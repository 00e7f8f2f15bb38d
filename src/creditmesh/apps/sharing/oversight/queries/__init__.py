"""Which inquiries have nothing behind them, by institution and user."""

"""What followed an inquiry, and inquiries with nothing behind them."""

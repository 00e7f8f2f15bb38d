"""What a plan is written as: a Python function for one enterprise, staged SQL for all."""

"""What would bring one enterprise the next grade: feasible changes, the smallest of them, and what time alone does."""

"""What an institution is, may and must not, without a database."""

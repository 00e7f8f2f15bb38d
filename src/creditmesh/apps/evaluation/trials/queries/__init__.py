"""What is known of trials."""

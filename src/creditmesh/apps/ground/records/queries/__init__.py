"""What is known of batches, quality, items, reviews and records."""

"""What is read for an answer, and what is known of the inquiries made."""

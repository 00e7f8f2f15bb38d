"""What is known of drafts and versions, and which version is valid on a day."""

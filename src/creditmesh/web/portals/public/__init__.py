"""Pages anyone may open: the front page, errors, and what is about one's own account."""

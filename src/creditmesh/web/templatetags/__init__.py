"""Words and figures as templates write them."""

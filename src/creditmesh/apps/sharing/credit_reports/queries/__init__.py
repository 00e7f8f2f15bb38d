"""Reports that were issued, and what anybody may check about them."""

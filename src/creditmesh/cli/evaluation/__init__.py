"""Commands about index systems, grades and draws."""

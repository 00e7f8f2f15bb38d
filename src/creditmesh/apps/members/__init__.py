"""Those who take part: institutions and enterprises."""

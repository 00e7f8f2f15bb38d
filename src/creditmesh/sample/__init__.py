"""A seeded, fictitious county: enterprises, events and the dirt of real files."""

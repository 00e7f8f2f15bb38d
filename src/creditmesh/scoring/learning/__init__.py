"""Systems learnt from a table: columns become bands and points that a person can read, edit and publish."""

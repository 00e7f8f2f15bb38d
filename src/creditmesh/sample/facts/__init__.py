"""What each department knows about the county: one function per item of the catalogue."""

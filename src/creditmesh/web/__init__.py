"""Settings, URLs, the one API, wiring and the portals."""

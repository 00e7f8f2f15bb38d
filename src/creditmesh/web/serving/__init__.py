"""How the node is served: its settings, the server, workers, and what happens to every request."""

"""Delta tables by item, their versions, and the engine connection that reads them."""

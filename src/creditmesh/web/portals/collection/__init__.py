"""Pages on collecting: batches, uploads, quality, the catalogue, unclear subjects."""

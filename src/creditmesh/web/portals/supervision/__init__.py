"""Pages of double random, one disclosure: plans, draws, visits, results, and what everyone may check."""

"""Double random, one disclosure: items, pools, plans, draws, visits, results and what follows."""

"""Special equipment: the devices of the county, and what happened to each of them."""

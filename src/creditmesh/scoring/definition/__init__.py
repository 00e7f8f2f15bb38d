"""The index-system file, as types: what may stand in it and nothing else."""

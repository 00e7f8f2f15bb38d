"""Double random draws: frozen pools, sizes by grade, hash ranking, officers, a file that anyone can recompute."""

"""The steps of the staged SQL: points, levels, the verdict, the reasons."""

"""The closed expression language: text to a typed tree, tree to Python and to SQL."""

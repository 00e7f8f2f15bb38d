"""Index system -> typed plan -> Python function or staged SQL -> graded table, with reasons."""

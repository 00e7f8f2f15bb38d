"""Records as features see them: rows, relations between subjects, and the way back to the records."""

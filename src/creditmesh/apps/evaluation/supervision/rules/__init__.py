"""States, codes, figures of the rule packs and refusals; no database."""

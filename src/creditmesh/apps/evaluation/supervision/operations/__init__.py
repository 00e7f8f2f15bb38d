"""What changes: items, pools, plans, draws, visits, results, disclosures."""

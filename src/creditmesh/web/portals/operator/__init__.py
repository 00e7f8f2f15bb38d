"""Pages of those who run the node: what needs attention, people, the ledger."""

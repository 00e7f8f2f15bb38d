"""What stands where: objections, repairs, appeals, and the record as its enterprise sees it."""

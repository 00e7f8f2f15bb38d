"""creditmesh ...: each command one call."""

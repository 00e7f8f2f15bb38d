"""What is handed to strangers: one file that needs nothing of creditmesh."""

"""What can be read: by officers, inspectors, auditors, and by everyone."""

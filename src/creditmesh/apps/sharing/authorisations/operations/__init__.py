"""What can be done with authorisations, one act in each module."""

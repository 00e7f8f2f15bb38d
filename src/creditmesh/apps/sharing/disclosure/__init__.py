"""The one door out; asked, checked, masked, written down, answered."""

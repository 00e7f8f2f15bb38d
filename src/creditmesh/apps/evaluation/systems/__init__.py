"""Index systems as people publish them: drafts, versions with dates, four eyes, roll-back."""

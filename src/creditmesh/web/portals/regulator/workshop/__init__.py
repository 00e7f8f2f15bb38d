"""The workshop of index systems: drafts in a form or as text, trials, proposals, approvals, going back."""

"""Disclosure for programs: ask, verify, lists; for enterprises who asked about them, with proofs."""

"""What the ledger proves: signed heads, time stamps, proofs, expiry that keeps the proof, verification."""

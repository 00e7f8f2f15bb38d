"""What learnt and expert systems are worth on real public data; see docs/evidence.md."""

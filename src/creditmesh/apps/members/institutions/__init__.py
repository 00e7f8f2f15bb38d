"""Banks, guarantors and insurers as programs: clients, keys, limits, notices, sandbox."""

"""Pages of banks, guarantors and insurers: requests, inquiries, outcomes, keys, notices."""

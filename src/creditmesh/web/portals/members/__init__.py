"""The plain home page of banks, guarantors, insurers and enterprises."""

"""What changes about institutions: admission, programs, keys, limits, notices."""

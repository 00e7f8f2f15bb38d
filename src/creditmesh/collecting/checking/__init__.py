"""Rows of text -> typed rows, refused rows with reasons, and rows whose subject is not known."""

"""Make accounts and claims, check and decide them, admit people."""

"""What stands around the answers programs get: signatures, and a short way for short questions."""

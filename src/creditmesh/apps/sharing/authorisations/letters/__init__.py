"""The letter that is signed: drafted, put into words, and read again."""

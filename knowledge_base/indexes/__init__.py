"""Indexes derived from SQL: by vector and by words. Never trusted over SQL, always made again from it."""

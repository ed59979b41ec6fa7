"""Alembic migrations of the memory."""

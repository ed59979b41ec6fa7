"""What a user would take instead of Weaver, each behind one small protocol."""

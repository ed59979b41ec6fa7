"""Files that a person uploads: received, looked at, imported in a process of its own."""

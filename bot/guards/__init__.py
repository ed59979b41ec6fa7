"""What stands before the faces: who calls, from where, how often."""

"""A customer's turn in its conversation: stored, answered, and what it says of earlier answers."""

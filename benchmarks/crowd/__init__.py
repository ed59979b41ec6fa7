"""A crowd of customers at once, and the servers that they ask."""

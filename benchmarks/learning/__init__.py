"""Simulated customers who ask and vote, and what the product makes of it."""

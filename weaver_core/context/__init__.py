"""R = TransformerDecoder(Q): a customer's turn in the light of what was said before it."""

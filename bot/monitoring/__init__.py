"""The watch over what customers and others say: figures, topics that rise, a map of the memory."""

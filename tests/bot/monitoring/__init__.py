"""The watch over what customers and others say."""

"""H = TransformerEncoder(X): pretrained encoders from packages or folders, exported once, run without torch."""

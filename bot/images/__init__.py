"""Images that customers send: checked, read and stored."""

"""The websocket protocol of the chat widget."""

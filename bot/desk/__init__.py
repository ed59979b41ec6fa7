"""Where a person takes a conversation from the bot."""

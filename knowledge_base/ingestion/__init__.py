"""Files that people bring, read, masked, mined and stored: FAQs and past dialogues."""

"""What people say of answers: served at once, waiting for a reviewer, or taken back."""

"""People's files to events and back."""

"""What this machine can do: its processor's features, and threads that use them."""

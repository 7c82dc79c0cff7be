"""/revisar: a reviewer reads what the gate holds."""

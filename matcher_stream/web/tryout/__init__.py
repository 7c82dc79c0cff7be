"""`/probar`: what the contract makes of an event, and the contract itself."""

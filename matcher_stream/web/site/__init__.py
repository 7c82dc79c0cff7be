"""What pages for people stand on: routes, sessions, limits, templates, and ways to the stream."""

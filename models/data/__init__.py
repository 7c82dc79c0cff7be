"""Data that ships with the models: see each file's acknowledgement."""

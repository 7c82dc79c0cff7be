"""The analysts' report as one HTML file."""

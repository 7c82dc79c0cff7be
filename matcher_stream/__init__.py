"""The application shell: two Faust apps, settings, topics, command line, web pages, metrics."""

__version__ = "0.1.0"

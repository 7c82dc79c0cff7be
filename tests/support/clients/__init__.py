"""The publisher and the notifier of deploy/clients, run by tests in both languages."""

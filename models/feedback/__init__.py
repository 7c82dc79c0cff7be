"""What people did with what they were shown, as data to learn from: rows, and rates that take out
what the position alone did.
"""

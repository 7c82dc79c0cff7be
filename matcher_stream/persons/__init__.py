"""What the system holds on one person: shown, exported, erased. Answered from topics alone.

Rows of tables are read from their changelogs, so no worker is asked and none needs to run, but for
an erasure: that is told by those who told the person's matches.
"""

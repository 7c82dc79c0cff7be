"""The publisher and the notifier of deploy/clients, run by tests in both languages."""

from typing import Final

ELSEWHERE: Final = "MATCHER_TEST_CLIENTS"
"""Names a folder with a copy of the clients, which a breakage is planted in."""

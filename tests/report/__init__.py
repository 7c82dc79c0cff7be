"""Tests of the analysts' report as a page."""

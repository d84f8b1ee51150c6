"""Suites of questions made from what is installed: how they are made, and how they are read."""

"""Answering: conversations, the methods that answer, and what they may use."""

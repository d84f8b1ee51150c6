"""What the keys and values of a conversation weigh, and where they are kept: memory, then flash."""

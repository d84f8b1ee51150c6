"""Detached work: a queue, one worker process at a time, progress, cancelling, resuming."""

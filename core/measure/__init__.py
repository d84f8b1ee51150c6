"""Metrics and statistics: pure functions that touch no disk, model or page."""

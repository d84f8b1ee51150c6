"""Suites, runs, scores and comparisons; handed an Answerer, it never imports ingest."""

"""Finding evidence: ranking by words, and later by meaning."""

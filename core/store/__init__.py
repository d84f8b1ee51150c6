"""The record of truth: the only package that imports duckdb. One module per noun."""

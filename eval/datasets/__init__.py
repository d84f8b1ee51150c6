"""Suites: the bundled ones, those that were brought, and how a file becomes one."""

"""Plumbline over HTTP: who may come in, what is answered, and how errors are said."""

"""Plumbline's vocabulary, seams, models, storage; knows no tab and no suite."""

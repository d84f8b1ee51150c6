"""Everything that can answer as a Generator, and the catalog that picks one and says why."""

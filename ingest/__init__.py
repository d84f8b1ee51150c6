"""Sources to chunks to index; it never imports eval."""

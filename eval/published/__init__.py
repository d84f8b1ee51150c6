"""What a published bundle is made of: documents without secrets, charts, pages."""

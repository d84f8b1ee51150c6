"""Tools that an agent may call; each module is one Tool."""

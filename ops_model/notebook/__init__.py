"""Running notebooks: whole or not at all."""

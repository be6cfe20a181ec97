"""Rendering: cards for notebooks and the evidence site."""

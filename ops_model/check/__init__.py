"""Judging: checks, findings and the verdict. Nothing here computes a measurement."""

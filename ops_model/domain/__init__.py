"""Frozen values and their arithmetic: no I/O, no clock."""

"""Rehearsing: a supervisor process, a stopwatch and a reconciliation."""

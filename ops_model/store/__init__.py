"""Keeping: YAML to model, logs to tables, the ledger and sealed bundles."""

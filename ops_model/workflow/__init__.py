"""One verb a file; the only place that wires store, analysis, checks, notebooks and pages."""

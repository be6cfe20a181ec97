"""ops-model: who operates your AI systems, shown with evidence."""

__version__ = "0.1.0"

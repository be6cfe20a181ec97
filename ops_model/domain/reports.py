"""The weekly report: which notebook it is, and which statements came with one."""

from ops_model.domain.evidence import Statement

WEEKLY_REPORT = "07_weekly_ops_report"


def is_weekly_report(statement: Statement) -> bool:
    """True for what a run of the weekly report recorded."""
    return statement.origin is not None and statement.origin.notebook == WEEKLY_REPORT

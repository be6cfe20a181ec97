"""A picture of a rollback drill: its steps, until when one could stop, and when it was healthy."""

from typing import Any

from ops_model.domain.rollback import RollbackDrill
from ops_model.site import words
from ops_model.site.steps_figure import steps_figure


def rollback_figure(record: RollbackDrill) -> dict[str, Any]:
    """The steps as bars; lines where one could still stop, and where it was healthy."""
    return steps_figure(record.steps, _marks(record))


def rollback_caption(record: RollbackDrill) -> str:
    """What the figure shows, in words."""
    point, told = record.abort_point, ["The steps of the drill, one after the other, in seconds."]
    if point is not None:
        told.append(
            f"Until {point.step}, {words.value(point.seconds)} after the decision, one could stop "
            "and nothing had changed."
        )
        if record.seconds.value is not None:
            told.append(f"Healthy {words.value(record.seconds)} after the decision.")
    return " ".join(told)


def _marks(record: RollbackDrill) -> list[tuple[str, float]]:
    """What is marked, and at which second of the drill.

    The decision falls where the first step of the plan begins; drills of before an abort point
    was kept have no marks.
    """
    point, planned = record.abort_point, [step.name[:1].isdigit() for step in record.steps]
    if point is None or True not in planned:
        return []
    before = record.steps[: planned.index(True)]
    decided = sum(step.seconds.value or 0.0 for step in before)
    marks = [("last point to stop", decided + (point.seconds.value or 0.0))]
    if record.seconds.value is not None:
        marks.append(("healthy", decided + record.seconds.value))
    return marks

"""A scheduled notebook whose last run failed is named, with what the ledger says of it."""

from datetime import timedelta

import pytest

from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.schedules import Schedule
from ops_model.workflow.due import MOST_ATTEMPTS
from ops_model.workflow.watch_failed import failed_concerns
from tests.builders import AS_OF, a_model, a_system

DAY = timedelta(days=1)
N05, SLOT = "05_drift_quality", AS_OF - timedelta(hours=1)
WHY = {"reason": "error", "cell": 7, "error": "WarehouseError", "message": "holds no row"}


def ended(how, *, at=SLOT, notebook=N05, **data):
    return LedgerEvent(
        id=f"{notebook}-{how}-{len(data)}", type=f"run.{how}", subject="flight-delay", as_of=at,
        recorded_at=at, actor="runner:ops-model",
        data={"run_id": "r", "notebook": notebook, **data},
    )  # fmt: skip


def failing(*events):
    model = a_model(a_system())
    lines = (Schedule(notebook=N05, cron="0 5 * * *"),)
    settings = model.settings.model_copy(update={"schedules": lines})
    scheduled = model.model_copy(update={"settings": settings})
    return list(failed_concerns(events, scheduled, "flight-delay", as_of=AS_OF))


def test_a_last_run_that_failed_is_a_ticket_with_the_recorded_reason():
    (found,) = failing(ended("finished", at=SLOT - DAY), ended("failed", **WHY))

    assert (found.kind, found.about, found.severity) == ("failed", N05, "ticket")
    assert "failed (error in cell 7): WarehouseError: holds no row" in found.why
    assert "the next `ops-model run --due` tries again" in found.remedy


def test_one_whose_process_died_is_named_too():
    (found,) = failing(ended("abandoned"))

    assert "was abandoned: its process died" in found.why


@pytest.mark.parametrize(
    "events",
    [
        [ended("failed", **WHY), ended("finished")],
        [ended("failed", **{**WHY, "reason": "interrupted"})],
        [ended("failed", at=AS_OF - 8 * DAY, **WHY)],
        [ended("failed", at=AS_OF + DAY, **WHY)],
        [ended("failed", notebook="by_hand", **WHY)],
    ],
)
def test_what_succeeded_since_or_is_old_or_nobodys_schedule_is_not_named(events):
    assert failing(*events) == []


def test_a_repetition_to_compare_mends_nothing():
    assert failing(ended("failed", **WHY), ended("finished", reproduces="sha256:1"))


def test_after_the_last_attempt_the_command_to_run_by_hand_is_said():
    of_the_notebook = {**WHY, "error": "ValueError"}

    (found,) = failing(*[ended("failed", **of_the_notebook)] * MOST_ATTEMPTS)

    assert f"`ops-model run {N05} flight-delay --as-of " in found.remedy
    assert "after 3 failures it is tried once a day only" in found.remedy

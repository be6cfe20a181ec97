from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.people import People
from ops_model.workflow.show_drift import drift, importance, train_serve_skew
from tests.builders import AS_OF, a_model, a_system
from tests.workflow.test_drift_checks import signals, write_logs


@dataclass
class Opened:
    root: Path
    system: SystemClaims
    people: People
    as_of: datetime = AS_OF


def book(root, **changed):
    system = a_system(signals={**signals(), **changed})
    return Opened(root, system, a_model(system).people)


def test_every_monitor_of_a_signal_measures_in_one_cell(tmp_path):
    write_logs(tmp_path)
    inputs = signals()["monitors"][0]

    shown = drift(book(tmp_path, monitors=[inputs, {**inputs, "id": "wind", "columns": ["wind"]}]))

    assert [record.monitor for record in shown.records] == ["inputs", "wind"]
    assert shown.html.count("Drift of input distribution") == 2
    assert shown.figure is not None


def test_the_cards_say_what_moved_and_what_to_do(tmp_path):
    write_logs(tmp_path, moved=2.0, order=(1, 2, 4), skew=2.0)
    opened = book(tmp_path)

    cards = [verb(opened).html for verb in (drift, importance, train_serve_skew)]

    assert "1 of 3 columns moved" in cards[0]
    assert "leans elsewhere" in cards[1]
    assert "1 → 3" in cards[1]
    assert "2 of 3 columns differ" in cards[2]
    assert all("To do: " in card for card in cards)


@pytest.mark.parametrize("verb", [drift, importance, train_serve_skew])
def test_a_verb_without_anything_declared_says_so_and_records_nothing(tmp_path, verb):
    shown = verb(book(tmp_path, monitors=[]))

    assert shown.records == ()
    assert "signals.yaml" in shown.html


def test_a_monitor_that_names_no_source_of_weights_says_what_to_write(tmp_path):
    weights = {**signals()["monitors"][1], "attributions": None}

    shown = importance(book(tmp_path, monitors=[weights]))

    assert shown.records == ()
    assert "write `attributions:`, or `model:`" in shown.html

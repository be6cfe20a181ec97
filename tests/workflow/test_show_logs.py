"""The verbs of a notebook over service levels and logs: many records, or a line that says why."""

import pytest

from ops_model import workflow
from ops_model.domain.evidence import RECORD_MIME
from ops_model.notebook.harvest import harvest
from tests.builders import AREAS, AS_OF, a_model, a_system
from tests.workflow.test_measure_levels import ANSWERS, FAST, SIGNALS, write_requests
from tests.workflow.test_measure_logs import SIGNALS as LOGGED
from tests.workflow.test_measure_logs import write_logs

VERBS = (workflow.service_levels, workflow.capture, workflow.reconstruction, workflow.freshness)


class InMemory:
    """A book of one system, as far as these verbs read it."""

    def __init__(self, root, **areas):
        self.root, self.as_of = root, AS_OF
        self.system = a_system(**areas)
        self.model = a_model(self.system, zone="America/New_York")
        self.people = self.model.people


def test_every_objective_is_a_record_of_one_cell_and_those_without_a_log_are_a_line(tmp_path):
    write_requests(tmp_path)
    unmeasured = {**ANSWERS, "id": "unmeasured", "log": None, "good": None, "valid": None}
    levels = {"objectives": [ANSWERS, FAST, unmeasured]}

    shown = workflow.service_levels(InMemory(tmp_path, service_levels=levels, signals=SIGNALS))

    output = shown._repr_mimebundle_()
    cell = {"cell_type": "code", "outputs": [{"data": output}]}
    found = harvest([cell], system="flight-delay", as_of=AS_OF)
    assert [f.record["objective"] for f in found] == ["answers", "fast-answers"]
    assert "Objective unmeasured was not measured" in output["text/html"]
    assert RECORD_MIME in output


def test_what_the_logs_hold_is_shown_with_its_records(tmp_path):
    write_logs(tmp_path)
    feeds = [{**LOGGED["feeds"][0], "log": "served"}, {**LOGGED["feeds"][0], "id": "unlogged"}]
    book = InMemory(tmp_path, signals={**LOGGED, "feeds": feeds})

    kinds = [[r.kind for r in verb(book).records] for verb in VERBS[1:]]

    assert kinds == [["capture"], ["reconstruction"], ["freshness"]]
    assert "Feed unlogged names no log" in workflow.freshness(book).html


@pytest.mark.parametrize(
    ("areas", "said"),
    [
        ({"signals": None, "service_levels": None}, ("no objective", "no signals.yaml",
                                                     "no signals.yaml", "no feed")),
        (
            {"signals": {"logs": [], "feeds": []}, "service_levels": {"objectives": []}},
            ("no objective", "no log of what was served", "no log of what was served", "no feed"),
        ),
        (
            {"signals": {"log_policy": None, "feeds": []}, "service_levels": None},
            ("no objective", "names no fields", "names no fields", "no feed"),
        ),
    ],
)  # fmt: skip
def test_a_verb_with_nothing_declared_says_so(tmp_path, areas, said):
    book = InMemory(tmp_path, **areas)

    for verb, words in zip(VERBS, said, strict=True):
        shown = verb(book)
        assert shown.records == ()
        assert words in shown.html


def test_a_log_without_a_key_says_that_nothing_can_be_looked_up(tmp_path):
    keyless = [{**log, "key": None} for log in AREAS["signals"]["logs"]]

    shown = workflow.reconstruction(InMemory(tmp_path, signals={"logs": keyless}))

    assert "Log served names no key, so no decision can be looked up again" in shown.html

"""The starter workbook, broken in one way at a time: exactly the expected findings, and no other.

Each file of `tests/data/broken` names an invariant of the register (none, where a check of the
claims has no number there), the edits that break it and what must be found, each with its line.
Where an edit makes a file no valid object, the whole workbook is refused, with all problems.

`flight-delay` is judged as on the day after everything was shown: drills, measurements and words
in date, each about the very text that the broken workbook holds. So a finding that appears is the
edit's, and nothing else's.
"""

import re
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from ops_model.analysis.coverage import measure_coverage
from ops_model.analysis.transition import measure_transition
from ops_model.check.sign_off import policy_digest
from ops_model.check.verdict import assess
from ops_model.domain.assessment import Finding
from ops_model.domain.evidence import Attestation, Record
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.sign_off import PackSeat
from ops_model.domain.values import digest_of, zone
from ops_model.errors import WorkbookError
from ops_model.shipped import shipped
from ops_model.store.workbook import read_workbook
from ops_model.workflow.assess import catalogue_of
from tests import shown_model, shown_quality, shown_running, shown_signals
from tests.builders import (
    URGENT,
    a_drift,
    a_fallback_drill,
    a_quality,
    a_rollback_drill,
    a_spend,
    a_verification,
    an_access,
    an_attestation,
    an_evidence,
    exact,
)  # fmt: skip

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
FOLDER = Path(__file__).parent.parent / "data" / "broken"
VARIANTS = sorted(FOLDER.glob("*.toml"))
ROTA = ("tomas-okafor", "kenji-watts", "ines-varga", "lea-brandt")
"""Who has drilled flight-delay and shown that they can go back; whoever is new has not."""
SIGNED_BY = {
    "product": "sofia-marin",
    "reliability": "kenji-watts",
    "compliance": "ruth-adeyemi",
}
"""Who signed v2 as the starter describes it."""
FAILURE_MODES = (
    "storm-called-clear", "season-never-seen", "bad-release", "weather-gone", "service-down",
    "one-airport-wrong", "replicas-without-end",
)  # fmt: skip
"""What the owner named as the ways in which it fails."""

ELSEWHERE = {
    8: "computed: a rota cannot be written that has a gap at a clock change (tests/domain)",
    21: "of drills, which are evidence (RBK-02, RBK-05)",
    22: "of drills, which are evidence (RBK-02)",
    31: "of measurements: the baseline's file is read when it is measured",
    37: "of measurements: the bridge is computed",
    38: "of usage rows, which no claim holds",
    50: "of evidence (EVD-03, the grades)",
    51: "of evidence: a second run (EVD-05)",
    52: "of reports",
    53: "of reports: one that did not arrive (EVD-04)",
}
"""Invariants that no claim can break, and why."""
ONLY_SHOWN = {
    "CCH-05": "the rehearsed exchange of a provider's model",
    "CMP-03": "the register on a day; none that speaks is published on that of the replay",
    "CMP-04": "as with CMP-03",
    "CST-02": "the newest row of a usage log",
    "CST-04": "spend, and the log of what was done",
    "CST-05": "the measured bridge",
    "CST-06": "the measured forecast",
    "DRF-02": "measured drift",
    "DRF-03": "measured drift of the score",
    "DRF-04": "measured importances",
    "DRF-06": "measured skew",
    "ENV-01": "the build and its tests",
    "ENV-05": "a second build",
    "EVD-01": "bundles and the ledger",
    "EVD-02": "where the records come from",
    "EVD-03": "the age of evidence",
    "EVD-04": "the report of the week",
    "EVD-05": "a run that was executed again",
    "EVD-06": "numbers on record",
    "INC-04": "the decisions that were counted",
    "INC-06": "what was on record before the incident",
    "OBS-02": "how many outcomes were found",
    "OBS-05": "how long it took whoever is paged",
    "PRT-06": "what was measured in half a year",
    "QLT-05": "a fall taken apart, as it was measured",
    "QLT-06": "the measured outcome",
    "QLT-08": "the measured link of quality and outcome",
    "RBK-02": "the drill's stopwatch and health checks",
    "RBK-04": "the drill's health checks",
    "RBK-05": "the drill's reconciliation",
    "SLO-02": "the measured error budgets",
}
"""Checks that no edit of a claim can fail, and what they rest on."""

SOMEBODY = re.compile(r"\b(owner|platform|executive|whoever|primary on call|seats?)\b")
"""The roles that a remedy may name where it names no person."""


@dataclass(frozen=True)
class Variant:
    """One way to break the starter workbook."""

    path: Path
    invariant: int | None = None
    system: str = "flight-delay"
    says: str = ""
    edit: list[dict] = field(default_factory=list)
    finding: list[dict] = field(default_factory=list)
    refused: list[dict] = field(default_factory=list)

    @classmethod
    @cache
    def read(cls, path: Path) -> "Variant":
        return cls(path=path, **tomllib.loads(path.read_text(encoding="utf-8")))

    def apply(self, root: Path) -> None:
        for edit in self.edit:
            file = root / edit["file"]
            if edit.get("remove"):
                file.unlink()
                continue
            text = file.read_text(encoding="utf-8") if file.exists() else ""
            if "old" in edit:
                assert text.count(edit["old"]) == 1, f"{edit['file']}: {edit['old']!r}"
                text = text.replace(edit["old"], edit["new"])
            else:
                text += edit["new"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")


def starter(into: Path) -> Path:
    return Path(shutil.copytree(shipped("templates") / "workbook", into))


@cache
def catalogue():
    return catalogue_of(None)


def judged(root: Path, system_id: str) -> dict[str, Finding]:
    """Every finding about a system of which everything was shown that can be."""
    model = read_workbook(root)
    system = model.system(system_id)
    evidence = an_evidence(*shown(model, system))
    found = assess(catalogue(), model, system, evidence, as_of=AS_OF, ledger_size=100)
    return {finding.check: finding for finding in found.findings}


def shown(model: OperatingModel, system: SystemClaims) -> Iterator[Record]:
    if (speaker := _speaker(model, system)) is not None:
        yield an_attestation(system, topic="claims", person=speaker, as_of=AS_OF)
    if system.on_call is not None:
        yield measure_coverage(model, system, as_of=AS_OF, drilled=frozenset(ROTA))
    if system.id == "flight-delay":
        yield from _drilled_and_measured(system)
        yield from _known_and_signed(model, system)


def _speaker(model: OperatingModel, system: SystemClaims) -> str | None:
    """The accountable owner or the deputy, whoever works here; None when neither does."""
    owned = system.ownership
    for name in (owned.accountable, owned.deputy) if owned else ():
        person = model.people.person(name)
        if person is not None and person.active_on(AS_OF.date()):
            return name
    return None


def _drilled_and_measured(system: SystemClaims) -> Iterator[Record]:
    yield from (an_access(system, person, action=step) for person in ROTA for step in URGENT)
    yield from _handed_over(system)
    yield a_rollback_drill(system, performed_by="tomas-okafor")
    notice = system.fallback.paths[0].user_notice if system.fallback else None
    text = notice.text if notice else ""
    yield a_fallback_drill(
        system, performed_by="ines-varga", notice_digest=digest_of(text.encode())
    )
    # It would see a drop of 0.02; the starter says that 0.08 matters.
    yield a_quality(system, monitor="accuracy")
    if system.signals is not None:
        yield a_drift(system, columns=shown_quality.columns_of(system.signals))
    yield from shown_quality.records(system)
    # The starter's ceiling is 10 USD a day.
    yield a_spend(
        system,
        ceiling_per_day=exact(10, "USD"),
        today=exact(1.25, "USD", 8),
        last_full_day=exact(4, "USD", 24),
    )
    yield a_verification(system)
    yield _compared(system)
    yield from shown_running.records(system)
    yield from shown_signals.records(system)


def _known_and_signed(model: OperatingModel, system: SystemClaims) -> Iterator[Record]:
    """Mara knows the seven failure modes, and v2 of the starter was signed by who sat there."""
    for person in ROTA:
        yield a_rollback_drill(system, performed_by=person, as_of=AS_OF - timedelta(days=11))
    known = shown_model.a_knowledge(system, person="mara-lindqvist")
    modes = known.knowledge.model_copy(update={"failure_modes": FAILURE_MODES})
    yield known.model_copy(update={"knowledge": modes})
    drill = a_rollback_drill(system, performed_by="tomas-okafor")
    yield shown_model.an_assessment(system)
    pack = shown_model.a_pack(
        system,
        version=as_started().identity.version.digest(),
        policy=policy_digest(model.policy, system.id),
        rests_on=(digest_of(drill),),
        seats=tuple(
            PackSeat(seat=seat, person=person, function=shown_model.FUNCTIONS[seat])
            for seat, person in SIGNED_BY.items()
        ),
        builders=(),
    )
    yield pack
    for seat, person in SIGNED_BY.items():
        yield shown_model.a_sign_off(system, seat, pack=pack, person=person)
    plan = system.ownership.transition if system.ownership else None
    if plan is not None:
        tz = zone(model.settings.zone)
        yield measure_transition(system, plan, model.people, (), as_of=AS_OF, tz=tz)
    yield shown_model.a_report(system)
    yield shown_model.a_reproduction(system)


@cache
def as_started() -> SystemClaims:
    """`flight-delay` as the starter workbook has it."""
    return read_workbook(shipped("templates") / "workbook").system("flight-delay")


def _compared(system: SystemClaims) -> Record:
    """v2 against v1 in February, as its change request asks."""
    old, new = (
        system.identity.known_version(label) or as_started().identity.known_version(label)
        for label in ("v1", "v2")
    )
    return shown_running.a_challenger(
        system, request="february-too", from_digest=old.digest(), to_digest=new.digest(),
        environment="staging", cases=23_000, as_of=AS_OF - timedelta(days=150), cost=None,
        cost_multiplier=None,
    )  # fmt: skip


def _handed_over(system: SystemClaims) -> Iterator[Attestation]:
    """Tomas took the deputy's seat from Kenji, and Mara agreed."""
    handoff = system.ownership.handoff("deputy-to-tomas") if system.ownership else None
    for person in ("kenji-watts", "tomas-okafor", "mara-lindqvist") if handoff else ():
        yield an_attestation(
            system, topic="handoff", person=person, claims=(), handoff=handoff.id,
            of=handoff.digest(),
        )  # fmt: skip


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    root = starter(tmp_path_factory.mktemp("unbroken") / "workbook")
    return cache(lambda system: judged(root, system))


def line_of(root: Path, place: dict) -> str:
    """`file:line` where the named text ends, which stands once; the file where none is named."""
    if "line" not in place:
        return place["file"]
    text, named = (root / place["file"]).read_text(encoding="utf-8"), place["line"]
    assert text.count(named) == 1, f"{place['file']}: {named!r}"
    return f"{place['file']}:{text.count(chr(10), 0, text.index(named) + len(named)) + 1}"


def changed(before: dict[str, Finding], after: dict[str, Finding]) -> set[str]:
    """The checks with another status than before, or that say another thing while open."""
    return {
        check
        for check, finding in after.items()
        if finding.status != before[check].status
        or (finding.open and finding.message != before[check].message)
    }


def at_work(model: OperatingModel) -> set[str]:
    return {person.id for person in model.people.people if person.active_on(AS_OF.date())}


def names_somebody(finding: Finding, people: set[str]) -> bool:
    named = set(re.findall(r"[a-z]+-[a-z]+", finding.remedy)) & people
    return bool(named or SOMEBODY.search(finding.remedy))


def test_of_the_starter_workbook_only_its_declared_gap_is_found(unbroken):
    found = unbroken("flight-delay")

    # Nobody writes down what a request is for, which two ask; what only the accuracy of four weeks
    # sees, customers see first; and no service ran of which uptime, latency and errors could be
    # measured, which two ask.
    open_ones = {check for check, finding in found.items() if finding.open}
    assert open_ones == {"CMP-02", "OBS-01", "OBS-07", "RDY-04", "INC-01"}
    assert found["CMP-02"].waived


@pytest.mark.parametrize("path", VARIANTS, ids=lambda path: path.stem)
def test_a_broken_workbook_gives_exactly_the_findings_that_it_should(path, tmp_path, unbroken):
    variant = Variant.read(path)
    root = starter(tmp_path / "workbook")
    variant.apply(root)
    if variant.refused:
        _assert_refused(variant, root)
        return

    before, after = unbroken(variant.system), judged(root, variant.system)

    people = at_work(read_workbook(root))
    assert changed(before, after) == {finding["check"] for finding in variant.finding}
    for expected in variant.finding:
        finding = after[expected["check"]]
        assert finding.status == expected.get("status", "failed"), finding.message
        assert expected["message"] in finding.message
        assert not finding.open or names_somebody(finding, people), finding.remedy
        assert finding.owner in people
        assert line_of(root, expected) in map(str, finding.looked_at)


def _assert_refused(variant: Variant, root: Path) -> None:
    with pytest.raises(WorkbookError) as refused:
        read_workbook(root)

    got = [(p.where, p.message) for p in refused.value.problems]
    assert [where for where, _ in got] == [line_of(root, place) for place in variant.refused]
    for (_, message), problem in zip(got, variant.refused, strict=True):
        assert problem["message"] in message
    assert all(p.remedy for p in refused.value.problems)


def test_every_invariant_is_broken_at_least_once_or_cannot_be_broken_by_a_claim():
    broken = {Variant.read(path).invariant for path in VARIANTS} - {None}

    assert broken | set(ELSEWHERE) == set(range(1, 55))
    assert not broken & set(ELSEWHERE)


def test_every_check_of_the_claims_fails_at_least_once():
    expected = [finding for path in VARIANTS for finding in Variant.read(path).finding]
    failed = {f["check"] for f in expected if f.get("status", "failed") == "failed"}

    assert {check.id for check in catalogue().checks} - failed == set(ONLY_SHOWN)

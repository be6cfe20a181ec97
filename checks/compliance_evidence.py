"""Evidence that holds: unchanged since it was recorded, in date, and honest about its numbers."""

from collections.abc import Sequence

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    check,
    counted,
    failed,
    passed,
    unknown,
)
from ops_model.check.current import in_time, latest_of_each
from ops_model.check.grades import grade_of
from ops_model.domain.alerts import Alert
from ops_model.domain.assessment import Assessment
from ops_model.domain.evidence import (
    Attestation,
    Grade,
    Measurement,
    Record,
    Statement,
    Verification,
)
from ops_model.domain.on_call import CoverageMeasurement
from ops_model.domain.sign_off import ReviewPack, SignOff, SignOffRevoked
from ops_model.domain.spend import CeilingAnswer
from ops_model.domain.trials import AccessDrill
from ops_model.domain.values import Where
from ops_model.domain.weekly import WeeklyReport

AGEING = (
    "OWN-02", "ONC-03", "ONC-04", "ONC-05", "DEC-01", "DEC-02", "REV-05", "TRN-04",
    "RBK-02", "RBK-04", "RBK-05", "FBK-03", "FBK-05", "SLO-02", "CAP-01", "CAP-03",
    "QLT-01", "QLT-02", "QLT-03", "QLT-04", "QLT-05", "QLT-06", "QLT-07", "QLT-08", "QLT-09",
    "DRF-02", "DRF-03", "DRF-04", "DRF-06",
    "OBS-01", "OBS-02", "OBS-03", "OBS-05", "OBS-06", "OBS-07",
    "RUL-01", "RUL-04", "CST-02", "CST-03", "CST-04", "CST-05", "CST-06", "CST-08",
    "CMP-01", "CMP-03", "EVD-05", "INC-01", "INC-04", "INC-06", "INC-07", "CCH-02", "CCH-05",
    "ENV-01", "ENV-04", "ENV-05", "ENV-06",
)  # fmt: skip
"""The checks that answer `expired` when what they rest on is too old."""
_SAID_AGAIN = (Verification, CoverageMeasurement, Assessment, ReviewPack, WeeklyReport, Alert)
"""What the tool notes whenever it judges or tells: claims and other records, said again.

A workbook in which nothing is written has them after one `ops-model check`, so that they show
nothing of the system.
"""


@check(
    "EVD-01",
    question="Is the recorded evidence what was recorded?",
    area="compliance",
    source=["S1.8"],
    revision=1,
)
def manifests_verify(ctx: Context) -> Outcome:
    """Evidence that somebody can change afterwards shows what they wanted it to show."""
    runs = {s.origin.run_id for s in ctx.evidence.statements if s.origin is not None}
    found = ctx.evidence.latest(Verification)
    again = f"`ops-model check {ctx.system.id}` compares every bundle with its manifest"
    if not runs or found is None:
        what = "no run is sealed yet" if not runs else "no bundle was ever compared"
        return unknown(
            "missing",
            what,
            looked_at=[found.where if found else ctx.system.where],
            remedy=again
            if runs
            else f"the owner runs `ops-model run 01_readiness {ctx.system.id}`",
        )
    verified = found.record
    broken = [f"{b.run_id}: {p}" for b in verified.bundles for p in b.problems]
    problems = [*verified.ledger_problems, *broken]
    if problems:
        return failed(
            f"{counted(len(problems), 'problem')}, the first: {problems[0]}",
            looked_at=[found.where],
            remedy="the compliance owner finds out who changed the bundle or the ledger, restores "
            "it from a copy, and runs `ops-model verify .`",
        )
    unseen = sorted(runs - {b.run_id for b in verified.bundles})
    if unseen:
        return unknown(
            "missing",
            f"{len(unseen)} of {len(runs)} runs were not compared, such as {unseen[0]}",
            looked_at=[found.where],
            remedy=again,
        )
    return passed(
        f"{counted(len(verified.bundles), 'bundle')} and the ledger are as recorded",
        looked_at=[found.where],
    )


@check(
    "EVD-02",
    question="Was what is on record observed by a known notebook, and of rows that are real?",
    area="compliance",
    source=["S1.8"],
    revision=3,
)
def minimum_grade(ctx: Context) -> Outcome:
    """Whoever may write the notebook may write the number; free text alone never counts.

    A record counts as observed when the tool made it, or a notebook that is shipped or approved,
    and the runner identified what it read. What people say is theirs, and so is what the tool saw
    somebody do; what a newer record of the same has superseded matters no more. Rows that are made
    up show nothing of a system that is not, and neither does what the tool notes while it judges.
    """
    observed = [f for f in latest_of_each(ctx.evidence) if not _is_a_word(ctx, f.statement)]
    weak = [f for f in observed if grade_of(f.statement, ctx.evidence) < Grade.OBSERVED]
    if weak:
        said = "; ".join(
            f"{f.record.kind.replace('_', ' ')} at {f.where}: {_why_declared(ctx, f.statement)}"
            for f in weak
        )
        return failed(
            f"{len(weak)} of {counted(len(observed), 'record')} are declared and not observed: "
            f"{said}",
            looked_at=[found.where for found in weak],
            remedy="the owner runs the shipped notebook in its place, as `ops-model run "
            f"01_readiness {ctx.system.id}`, or whoever keeps policy.yaml reads the notebook and "
            "adds its digest under `approved_notebooks`",
        )
    shown = _of_the_system(observed)
    if not shown:
        return unknown(
            "missing",
            "no measurement, no drill and no observation of the system is on record",
            looked_at=[ctx.system.where],
            remedy=f"the owner runs `ops-model run 05_drift_quality {ctx.system.id}`",
        )
    made_up = [f for f in shown if _is_made_up(f.record)]
    if made_up and not ctx.system.identity.simulated:
        kinds = dict.fromkeys(f.record.kind.replace("_", " ") for f in made_up)
        return failed(
            f"the rows behind {', '.join(kinds)} are made up, and the system is not",
            looked_at=[found.where for found in made_up],
            remedy="the owner has the real log written and named where signals.yaml or cost.yaml "
            "names one that is `simulated`, then runs the notebook again",
        )
    return passed(
        f"{counted(len(shown), 'record')}, each from the tool or from a notebook that is "
        "shipped or approved",
        looked_at=[found.where for found in shown],
    )


def _of_the_system(found: Sequence[Recorded[Record]]) -> list[Recorded[Record]]:
    """The records that show something of the system."""
    return [f for f in found if _is_of_the_system(f.record)]


def _is_of_the_system(record: Record) -> bool:
    return not isinstance(record, _SAID_AGAIN)


def _is_made_up(record: Record) -> bool:
    return isinstance(record, Measurement) and record.simulated


def _is_a_word(ctx: Context, statement: Statement) -> bool:
    """True of what somebody says, and of what the tool saw somebody do: it was told who it was."""
    if isinstance(statement.record, CeilingAnswer | AccessDrill):
        return grade_of(statement, ctx.evidence) >= Grade.ATTESTED
    return isinstance(statement.record, Attestation | SignOff | SignOffRevoked)


def _why_declared(ctx: Context, statement: Statement) -> str:
    """Why a record is no more than a declaration."""
    origin = statement.origin
    if origin is None:
        return f"written by {statement.actor}, and by no run"
    if origin.notebook_digest not in ctx.evidence.approved_notebooks:
        return f"its notebook {origin.notebook} is neither shipped nor approved"
    return f"what its run {origin.run_id} read could not be identified again"


@check(
    "EVD-03",
    question="Is everything that the verdict rests on still in date?",
    area="compliance",
    source=["S1.8", "S1.9"],
    revision=1,
)
def nothing_expired(ctx: Context) -> Outcome:
    """A drill of last year is about another system with the same name."""
    words = _last_words(ctx.evidence.all(Attestation))
    over = [e for e in words if e.record.expires <= ctx.as_of]
    asked = [f for f in map(ctx.finding_of, AGEING) if f is not None]
    old = [f for f in asked if f.reason == "expired"]
    if over or old:
        said = [f"the {e.record.topic} attestation of {e.record.person} ended on "
                f"{e.record.expires.date()}" for e in over]  # fmt: skip
        said += [f"{f.check}: {f.message}" for f in old]
        remedies = [f.remedy for f in old]
        remedies += [f"{e.record.person} attests again with `ops-model attest "
                     f"{ctx.system.id} --topic {_subject(e.record)}`" for e in over]  # fmt: skip
        return unknown(
            "expired",
            "; ".join(said),
            looked_at=[*(e.where for e in over), *(w for f in old for w in f.looked_at)],
            remedy="; ".join(dict.fromkeys(remedies)),
            through=() if over else [f.check for f in old],
        )
    places = [*(e.where for e in words), *_ledger_places(ctx)]
    if not places:
        return unknown(
            "missing",
            "nothing is on record that could be in date",
            looked_at=[ctx.system.where],
            remedy=f"the owner runs `ops-model run 01_readiness {ctx.system.id}`",
        )
    ends = [e.record.expires for e in words]
    ends += [f.valid_until for f in asked if f.valid_until is not None]
    first = f"; the first to end does so on {min(ends).date()}" if ends else ""
    return passed(
        f"{counted(len(places), 'piece')} of evidence in date{first}",
        looked_at=list(dict.fromkeys(places)),
        valid_until=min(ends, default=None),
    )


@check(
    "EVD-06",
    question="Does every number say how much it rests on?",
    area="compliance",
    source=["S1.14"],
    revision=2,
)
def numbers_are_complete(ctx: Context) -> Outcome:
    """Without n and an interval, 0.81 after 0.83 is a story and not a measurement.

    What the tool works out of the claims while it judges is no number of the system.
    """
    latest = _latest_of_each(ctx)
    shown = _of_the_system(latest)
    bare: list[tuple[Recorded[Record], str]] = []
    in_all = of_it = 0
    for found in latest:
        measured = list(found.record.measured())
        bare += [(found, path) for path, number in measured if not number.complete]
        in_all += len(measured)
        of_it += len(measured) if _is_of_the_system(found.record) else 0
    if bare:
        named = ", ".join(f"{found.where} {path}" for found, path in bare[:3])
        return failed(
            f"{len(bare)} of {in_all} numbers lack n, or an interval and the reason why "
            f"there is none: {named}",
            looked_at=list(dict.fromkeys(found.where for found, _ in bare)),
            remedy="whoever wrote the notebook behind "
            f"{', '.join(dict.fromkeys(str(found.where) for found, _ in bare[:3]))} gives its "
            "numbers n and an interval, and runs it again",
        )
    if not of_it:
        return unknown(
            "missing",
            "no number of the system is on record",
            looked_at=[ctx.system.where],
            remedy=f"the owner runs `ops-model run 05_drift_quality {ctx.system.id}`",
        )
    return passed(
        f"{counted(of_it, 'number')} in {counted(len(shown), 'record')}, each with n, and "
        "an interval or the reason why there is none",
        looked_at=[found.where for found in shown],
    )


def _last_words(attestations: Sequence[Recorded[Attestation]]) -> list[Recorded[Attestation]]:
    """The latest attestation of each subject; a newer one takes the place of an older."""
    latest = {_subject(e.record): e for e in sorted(attestations, key=in_time)}
    return list(latest.values())


def _subject(word: Attestation) -> str:
    """The topic of an attestation and, where a topic has several, the files that it names."""
    if word.topic != "claims":
        return word.topic
    return " ".join(["claims", *(f"--file {ref.file}" for ref in word.claims)])


def _latest_of_each(ctx: Context) -> list[Recorded[Record]]:
    """The latest record about each subject; assessments repeat the others and are left out."""
    return [f for f in latest_of_each(ctx.evidence) if not isinstance(f.record, Assessment)]


def _ledger_places(ctx: Context) -> list[Where]:
    asked = [f for f in map(ctx.finding_of, AGEING) if f is not None and f.status == "passed"]
    return [w for f in asked for w in f.looked_at if w.path == "ledger"]

"""The cards of what was measured, rehearsed, said by a person, or compared by the tool."""

from collections.abc import Sequence

from ops_model.domain.evidence import Attestation, Verification
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.on_call import CoverageMeasurement, RotaHole
from ops_model.domain.people import People
from ops_model.domain.rollback import DrillStep, RollbackDrill
from ops_model.domain.trials import SwapDrill
from ops_model.domain.words import told_words
from ops_model.site import words
from ops_model.site.markup import Html, tag
from ops_model.site.parts import Row, chip, fact, frame, line, quiet, sentences, table
from ops_model.site.words import FAILED, PASSED, UNKNOWN, Look

ASSERTED = Look("○", "asserted, unsigned", words.AMBER, "warn")
_NOT_DONE = Look("○", "not done", words.GREY, "quiet")
_YES, _NO = Look("✓", "yes", words.GREEN, "good"), Look("✖", "no", words.RED, "bad")
_MOST_HOLES = 12


def _good(word: str) -> Look:
    return Look("✓", word, words.GREEN, "good")


def _bad(word: str) -> Look:
    return Look("✖", word, words.RED, "bad")


def yes(holds: bool) -> Html:  # noqa: FBT001 - the one thing that it is about
    """Yes or no, as a chip."""
    return chip(_YES if holds else _NO)


def coverage(record: CoverageMeasurement, people: People) -> Html:
    """How much of the rota is covered, who is paged now, and every hole."""
    names = ", ".join(people.label(person) for person in record.people) or "nobody"
    rows = [
        fact("covered", record.covered_share),
        ("paged now", tag("strong", people.label(record.primary_now)), quiet("primary")),
        ("then", tag("strong", people.label(record.secondary_now)), quiet("secondary")),
        ("in the rota", names, ""),
    ]
    holes = [*record.holes, *record.undecidable]
    told = _holes(holes)
    look = _bad("holes") if record.holes else UNKNOWN if holes else _good("covered")
    title = f"On-call coverage of {words.plural(record.days, 'day')}: {words.plural(len(record.holes), 'hole')}"  # noqa: E501 - one title
    return frame(
        title, look, record,
        table(("", "", ""), rows),
        *sentences("Holes", told[:_MOST_HOLES]),
        *([line(f"and {len(told) - _MOST_HOLES} more")] if len(told) > _MOST_HOLES else []),
        *sentences("Weak spots", _weak(record)),
        simulated=record.simulated,
    )  # fmt: skip


def _weak(record: CoverageMeasurement) -> list[str]:
    """One line for each reason, with the first of its spans."""
    by_reason: dict[str, list[RotaHole]] = {}
    for hole in record.weak:
        by_reason.setdefault(hole.why, []).append(hole)
    return [
        f"{why}: {words.plural(len(spots), 'span')}, first from {words.instant(spots[0].start)}"
        for why, spots in by_reason.items()
    ]


def _holes(holes: Sequence[RotaHole]) -> list[str]:
    """One line for each person or reason: a rota of one week turns the same hole up many times."""
    grouped: dict[tuple[str, str], list[RotaHole]] = {}
    for hole in holes:
        grouped.setdefault((hole.role, hole.person or hole.why), []).append(hole)
    return [
        _hole(same[0])
        if len(same) == 1
        else f"{same[0].role}, {same[0].why}: {words.plural(len(same), 'span')}, the first "
        f"{words.instant(same[0].start)} to {words.instant(same[0].end)}"
        for same in grouped.values()
    ]


def _hole(hole: RotaHole) -> str:
    span = f"{words.instant(hole.start)} to {words.instant(hole.end)}"
    return f"{span}: {hole.role}, {hole.why}"


def drill_card(
    record: RollbackDrill | FallbackDrill | SwapDrill,
    people: People,
    title: str,
    rows: list[Row],
    *more: Html,
) -> Html:
    """A drill of any kind: who did it, what was wrong, its numbers, its steps."""
    bases = {words.basis(s.seconds) for s in record.steps}
    took = f"took ({bases.pop()} each)" if len(bases) == 1 else "took"
    steps = [
        (chip(_went(s)), s.name,
         words.full(s.seconds) if bases else words.value(s.seconds), s.detail)
        for s in record.steps
    ]  # fmt: skip
    by = people.label(record.performed_by) if record.performed_by else "the tool, nobody named"
    who = f"Done {words.instant(record.done_at)} by {by}."
    return frame(
        title, PASSED if record.passed else FAILED, record,
        line(who), *sentences("Problems", record.problems), table(("", "", ""), rows), *more,
        *([table(("", "step", took, ""), steps)] if steps else []),
    )  # fmt: skip


def _went(step: DrillStep) -> Look:
    if not step.ok:
        return FAILED
    return _NOT_DONE if step.only_noted else PASSED


def attestation(record: Attestation, people: People) -> Html:
    """What a named person says, until when, about which content; nobody signed it."""
    pinned = [f"{ref.file} at {words.short_digest(ref.digest)}" for ref in record.claims]
    about = "handoff" if record.handoff else "record"
    pinned += [f"{about} {words.short_digest(record.of)}"] if record.of else []
    knows = record.knowledge
    known = [
        ("purpose", knows.purpose),
        ("training", knows.training),
        ("ways to fail", ", ".join(knows.failure_modes)),
    ] if knows else []  # fmt: skip
    rows = [*known, *([fact("took", record.seconds)] if record.seconds else [])]
    return frame(
        f"Attestation: {words.topic(record)}", ASSERTED, record,
        line(tag("strong", people.label(record.person)), ": ", tag("q", told_words(record.text))),
        *([table((), rows)] if rows else []),
        line(quiet(f"valid until {words.instant(record.expires)}; says it about "
                   f"{', '.join(pinned) or 'the system as a whole'}")),
    )  # fmt: skip


def verification(record: Verification, people: People) -> Html:
    """Whether bundles and ledger are still what was recorded."""
    del people
    problems = [*record.ledger_problems]
    problems += [f"{b.run_id}: {problem}" for b in record.bundles for problem in b.problems]
    title = f"Verification of {words.plural(len(record.bundles), 'bundle')} and the ledger"
    said = f"The ledger holds {words.plural(record.ledger_size, 'entry', 'entries')}."
    return frame(
        title, _bad("changed") if problems else _good("unchanged"), record, line(said),
        *sentences("Not what was recorded", problems),
    )  # fmt: skip

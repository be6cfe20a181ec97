"""A game day in a terminal: text to be read aloud, and the keys that scripts rely on."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ops_model.domain.operating_model import OperatingModel
    from ops_model.domain.people import People
    from ops_model.domain.trials import GameDayAnswer, GameDayResult
    from ops_model.workflow.game_day import Listed
    from ops_model.workflow.run import RunOutcome

WIDTH = 100
_INDENT = 15
_SHORTEST = 8
"""The narrowest column of a list."""
Answer = dict[str, Any]


def walked_json(record: Mapping[str, Any], outcome: "RunOutcome", *, note: str) -> Answer:
    """The record with the keys of a game day, where it was sealed, and its digest."""
    from ops_model.domain.values import digest_of

    left_out = {"kind", "claims", "inputs", "steps", "answers"}
    told = {key: value for key, value in record.items() if key not in left_out}
    return {
        **told,
        "steps": record["answers"],
        "note": note or None,
        "digest": digest_of(dict(record)),
        "run_id": outcome.run_id,
        "bundle": outcome.bundle,
        "declared_only": None if outcome.known_notebook else _UNKNOWN,
    }


_UNKNOWN = "its notebook is neither shipped nor approved"


def walked_lines(answer: Answer, model: "OperatingModel") -> Iterator[str]:
    """The whole walk: who reads it aloud needs no other page."""
    record = _record(answer)
    people = model.people
    yield from _head(record, people, answer)
    yield ""
    yield from _promises(record, people)
    yield from _steps(record, people)
    yield ""
    yield from _foot(answer, record, people)


def _record(answer: Answer) -> "GameDayResult":
    from ops_model.domain.trials import GameDayResult

    fields = {key: value for key, value in answer.items() if key in GameDayResult.model_fields}
    return GameDayResult.model_validate(
        {**fields, "answers": answer["steps"], "steps": len(answer["steps"])}
    )


def _head(record: "GameDayResult", people: "People", answer: Answer) -> Iterator[str]:
    from ops_model.site.game_day_cards import FEWER, titled
    from ops_model.site.prose import plain

    yield from _wrapped(f"{record.system}: {titled(record)}")
    yield ""
    yield from _wrapped(record.prompt or "", indent=2)
    yield ""
    failed = plain(record.failure_mode or "none is named", people)
    yield from _titled("the failure", record.assumed or failed)
    if answer["note"]:
        yield from _titled("note", answer["note"])
    if record.left_out:
        yield from _titled("left out", f"{FEWER}: {' '.join(record.left_out)}")
    yield from _titled("minutes", _minutes(record))
    if (drilled := _drilled(record)) is not None:
        yield from _titled("drilled", drilled)
    yield from _titled("gaps", _gaps(record))


def _minutes(record: "GameDayResult") -> str:
    minutes = record.minutes
    spans = (
        ("page", minutes.page), ("decide", minutes.decide), ("contain", minutes.contain),
        ("tell users", minutes.inform),
    )  # fmt: skip
    return ", ".join(f"{name} {'no limit' if n is None else f'{n:.3g} min'}" for name, n in spans)


def _drilled(record: "GameDayResult") -> str | None:
    from ops_model.site.words import plural

    drills, taken = record.drills, record.drilled
    if drills is None or taken is None or taken.value is None:
        return None
    share = drills.works_share
    shown = (
        f"{drills.passed} of {plural(drills.tried, 'drill')} passed" if share is None
        else f"{plural(drills.tried, 'drill')} passed of as many, which shows {share:.0%} or more"
    )  # fmt: skip
    return f"{taken.value:.3g} s, {drills.last_at.date()}, in {drills.environment}; {shown}"


def _gaps(record: "GameDayResult") -> str:
    asked = sum(answer.asked for answer in record.answers)
    if not record.gaps:
        return f"✓ none: all {asked} questions are answered"
    checks = ", ".join(dict.fromkeys(gap.check for gap in record.gaps))
    return f"✖ {len(record.gaps)} of {asked} questions have no answer ({checks})"


def _promises(record: "GameDayResult", people: "People") -> Iterator[str]:
    from ops_model.site.prose import plain

    for number, one in enumerate(record.promises):
        mark = "✓" if one.kept else "✖"
        yield from _titled("promised" if number == 0 else "", f"“{one.text}”")
        yield from _wrapped(f"{mark} {plain(one.actual, people)}", indent=_INDENT)
    if record.promises:
        yield ""


def _steps(record: "GameDayResult", people: "People") -> Iterator[str]:
    left = sorted(record.injects, key=lambda inject: inject.minute)
    for answer in record.answers:
        while left and left[0].minute <= answer.minute:
            inject = left.pop(0)
            yield from _known(inject.minute, inject.text)
        yield from _step(answer, people)
    for inject in left:
        yield from _known(inject.minute, inject.text)


def _known(minute: int, text: str) -> Iterator[str]:
    yield from _wrapped(f"T+{minute:<4} ▲ known  {text}", hang=_INDENT)


def _step(answer: "GameDayAnswer", people: "People") -> Iterator[str]:
    from ops_model.site.prose import plain

    state = "\N{EN DASH} n/a" if not answer.asked else "✓ ok" if answer.ok else "✖ gap"
    who = f"  [{people.label(answer.who)}]" if answer.who else ""
    check = f"  {answer.check}" if answer.check else ""
    yield from _wrapped(
        f"T+{answer.minute:<4} {state:<7}  {answer.question}{who}{check}", hang=_INDENT
    )
    yield from _wrapped(plain(answer.answer, people), indent=_INDENT)


def _foot(answer: Answer, record: "GameDayResult", people: "People") -> Iterator[str]:
    from ops_model.site.prose import plain

    if record.sentence:
        yield from _wrapped(plain(record.sentence, people))
    yield ""
    yield "whoever was there says so, each for themselves:"
    yield (
        f"  ops-model attest {record.system} --topic attendance --of {answer['digest']} "
        "--as ID --text '...'"
    )
    if answer["declared_only"]:
        yield f"declared only: {answer['declared_only']}"
    yield f"{answer['bundle']}"


def all_lines(system: str, walked: Sequence[Answer]) -> Iterator[str]:
    """One line for each scenario that was walked, then how many had gaps."""
    for answer in walked:
        record = _record(answer)
        name = f"{record.scenario:<5} {record.title or ''}"
        yield from _wrapped(f"{name}: {_gaps(record)}", hang=6)
    open_ones = sum(bool(answer["gaps"]) for answer in walked)
    yield f"{system}: {open_ones} of {len(walked)} scenarios have gaps"


def list_lines(system: str, found: "Sequence[Listed]") -> Iterator[str]:
    """The scenarios that try a system, what each walks, when it was walked last."""
    if not found:
        yield f"no scenario tries {system}"
        return
    width = max(_SHORTEST, *(len(one.mode.id) if one.mode else 0 for one in found))
    yield f"{'id':<5} {'failure':<{width}} {'last walked':<12} {'found':<8} what happens"
    for one in found:
        last = str(one.last.as_of.date()) if one.last is not None else "never"
        gaps = "" if one.last is None else "no gap" if not one.last.gaps else _counted(one.last)
        mode = one.mode.id if one.mode is not None else "-"
        own = "  (your own)" if one.own else ""
        head = f"{one.scenario.id:<5} {mode:<{width}} {last:<12} {gaps:<8} "
        yield from _wrapped(f"{head}{one.scenario.title}{own}", hang=len(head))
    yield ""
    yield f"walk one: ops-model drill game-day {system} --scenario {found[0].scenario.id}"


def _counted(record: "GameDayResult") -> str:
    gaps = len(record.gaps)
    return f"{gaps} gap" if gaps == 1 else f"{gaps} gaps"


def listed_json(one: "Listed") -> dict[str, Any]:
    """A scenario of the list with the keys that scripts rely on."""
    from ops_model.domain.values import iso_utc

    last = one.last
    return {
        "scenario": one.scenario.id,
        "title": one.scenario.title,
        "own": one.own,
        "failure_mode": one.mode.id if one.mode is not None else None,
        "last_walked": iso_utc(last.as_of) if last is not None else None,
        "gaps": [gap.model_dump(mode="json") for gap in last.gaps] if last is not None else None,
    }


def _titled(title: str, text: str) -> Iterator[str]:
    for position, line in enumerate(_wrapped(text, indent=_INDENT)):
        yield f"{title:<{_INDENT}}{line.strip()}" if position == 0 else line


def _wrapped(text: str, *, indent: int = 0, hang: int = 0) -> list[str]:
    """The text in lines from `indent` on; those after the first stand `hang` farther in."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + hang),
        break_on_hyphens=False, drop_whitespace=True,
    )  # fmt: skip

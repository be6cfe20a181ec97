"""`ops-model check`: the verdict on a system, what stands in its way, and who mends it."""

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops_model.cli.check_decided import decided_keys, limits_set, waivers_told
from ops_model.cli.check_keys import as_keys
from ops_model.cli.check_simulated import SYSTEM_MADE_UP, SimulatedRows
from ops_model.cli.checkpoints import signing_key
from ops_model.cli.context import (
    as_of_option,
    colour_allowed,
    find_workbook,
    json_option,
    now,
    print_json,
    require_slug,
    workbook_option,
)  # fmt: skip

if TYPE_CHECKING:
    from rich.console import Console

    from ops_model.check.decided import Decided
    from ops_model.check.turns import Turn
    from ops_model.domain.assessment import Assessment, Finding
    from ops_model.domain.people import People
    from ops_model.site.verdicts import ToDo

_COLOURS = {"READY": "green", "CONDITIONAL": "yellow", "NOT READY": "red", "DEMO ONLY": "red"}
_MOST = 10
_MOST_PLACES = 3
_MARKS = {"passed": "✓", "failed": "✗", "unknown": "?", "errored": "!", "not_applicable": "-"}


@click.command()
@click.argument("system_id", metavar="SYSTEM")
@click.option("--all", "everything", is_flag=True, help="Print every finding, not the first ten.")
@json_option
@workbook_option
@as_of_option
def command(
    *,
    system_id: str,
    everything: bool,
    as_json: bool,
    workbook_dir: Path | None,
    as_of: datetime | None,
) -> None:
    """Say whether SYSTEM is ready, what stands in the way, and who mends it.

    What matters most comes first; what has one remedy is told together.

    Exit codes: 0 nothing blocks, 1 a blocking finding, 3 only crashed checks stand in the way.
    """
    from ops_model.check.decided import decided_about
    from ops_model.store.workbook import read_for
    from ops_model.workflow.assess import assess_with_told, catalogue_of
    from ops_model.workflow.clock import believed
    from ops_model.workflow.open import known_system

    root = find_workbook(workbook_dir)
    signing_key(root)
    require_slug(system_id, "system")
    model = read_for(root, system_id)
    clock = believed(root, model.settings, now())
    instant = as_of or model.settings.as_of or clock.replace(microsecond=0)
    assessment, told = assess_with_told(root, model, system_id, as_of=instant, recorded_at=clock)
    system = known_system(model, system_id)
    made_up = SimulatedRows.of(system, told.statements)
    decided = decided_about(catalogue_of(root).checks, model, system, assessment)
    if as_json:
        print_json({**as_keys(assessment, made_up), **decided_keys(decided)})
    else:
        _print(assessment, model.people, everything=everything, decided=decided, made_up=made_up)
    sys.exit(exit_code(assessment))


def exit_code(assessment: "Assessment") -> int:
    """0 when nothing blocks, 3 when all that blocks are crashed checks, else 1."""
    if assessment.verdict in {"READY", "CONDITIONAL"}:
        return 0
    blocking = assessment.blocking
    return 3 if blocking and all(f.status == "errored" for f in blocking) else 1


def _print(
    assessment: "Assessment",
    people: "People",
    *,
    everything: bool = False,
    decided: "Decided | None" = None,
    made_up: SimulatedRows | None = None,
) -> None:
    """The scorecard: verdict and why, the five questions, what blocks, and the counts."""
    from rich.console import Console
    from rich.text import Text

    from ops_model.check.decided import Decided
    from ops_model.check.turns import turns
    from ops_model.domain.values import digest_of
    from ops_model.site.verdicts import by_weight, why
    from ops_model.site.words import instant

    # Text goes in as Text, never as markup: what a workbook says may hold square brackets.
    console = Console(no_color=not colour_allowed(), highlight=False, soft_wrap=not _terminal())
    verdict = Text(assessment.verdict, style=f"bold {_COLOURS[assessment.verdict]}")
    console.print(
        Text.assemble(verdict, f"  {assessment.system}  as of {instant(assessment.as_of)}")
    )
    # One line, however many a message in it has.
    console.print(Text(" ".join(_plain(why(assessment), people).split())))
    if assessment.verdict_without_waivers != assessment.verdict:
        console.print(Text(f"Without waivers: {assessment.verdict_without_waivers}"))
    _print_questions(console, assessment, people, made_up or SimulatedRows())
    most = None if everything else _MOST
    waived = [f for f in assessment.findings if f.waived]
    off = [f for f in assessment.findings if f.open and f.switched_off]
    informing = [f for f in assessment.findings if f.open and not f.blocks and f not in off]
    for title, findings in (
        ("What stands in the way", by_weight(assessment.blocking)),
        ("Waived, and not passed", waived),
        ("Switched off by policy.yaml; judged, and the verdict is conditional", off),
        ("What the portfolio says; it stands in no system's way", informing),
    ):
        if findings:
            console.print(Text(f"\n{title} ({len(findings)})", style="bold"))
            _print_findings(console, findings, people, most)
    _print_counts(console, assessment, decided or Decided(), people)
    for turn in turns(assessment):
        console.print(Text(_turned(turn)))
    console.print(Text(f"Assessment {digest_of(assessment)}"))


def _print_questions(
    console: "Console", assessment: "Assessment", people: "People", made_up: SimulatedRows
) -> None:
    """The answers, each with what it rests on that is made up before its numbers."""
    from rich.text import Text

    if made_up.system:
        console.print(Text(SYSTEM_MADE_UP, style="yellow"))
    console.print()
    for question in assessment.five_questions:
        mark = Text("✗ ", style="red")
        if question.answered:
            mark = Text("▲ ", style="yellow") if question.breached else Text("✓ ", style="green")
        console.print(Text.assemble(mark, (question.question, "bold")))
        if said := made_up.said(question.evidence):
            _indented(console, said)
        _indented(console, _plain(question.answer, people))


def _print_counts(
    console: "Console", assessment: "Assessment", decided: "Decided", people: "People"
) -> None:
    """Every waiver with who accepted it and why, the counts, and by what was judged."""
    from rich.text import Text

    if told := waivers_told(decided, people):
        console.print(Text(f"\nWaivers of policy.yaml ({len(told)})", style="bold"))
    for head, below in told:
        console.print(Text(head))
        _indented(console, below)
    console.print(Text(f"\n{_counts(assessment)}"))
    for line in limits_set(decided, people):
        console.print(Text(line))


def _turned(turn: "Turn") -> str:
    """What leads to another verdict, in one line."""
    from ops_model.site.words import instant

    if turn.at is not None:
        ends = "end" if len(turn.checks) > 1 else "ends"
        return f"{turn.to} from {instant(turn.at)} on, when {_some(turn.checks)} {ends}"
    told = [f"{_some(turn.checks)} closed"] if turn.checks else []
    told += [f"{', '.join(turn.sums)} with what it sums up"] if turn.sums else []
    told += [f"condition {condition} met" for condition in turn.conditions]
    return f"{turn.to} takes: {', '.join(told)}"


def _some(checks: "Sequence[str]") -> str:
    more = len(checks) - _MOST
    return ", ".join(checks[:_MOST]) + (f" and {more} more" if more > 0 else "")


def _terminal() -> bool:
    """A pipe gets whole lines; only a terminal has a width to wrap at."""
    return sys.stdout.isatty()


def _indented(console: "Console", text: str) -> None:
    from rich.padding import Padding
    from rich.text import Text

    if _terminal():
        console.print(Padding(Text(text), (0, 0, 0, 2)))
    else:
        # Each line of it: what a workbook says must not look like a line of ours.
        console.print(Text("\n".join(f"  {line}" for line in text.splitlines())))


def _print_findings(
    console: "Console", findings: "Sequence[Finding]", people: "People", most: int | None
) -> None:
    """The first `most` things to do in their order, each with the findings that it settles."""
    from rich.text import Text

    from ops_model.site.verdicts import to_do

    shown = to_do(findings)[:most]
    for thing in shown:
        for same in thing.found:
            for finding in same:
                head = f"{_MARKS[finding.status]} {finding.check} {finding.slug.replace('_', ' ')}"
                style = "red" if finding.status == "failed" else "yellow"
                said = f"  {finding.status}, {finding.question}"
                console.print(Text.assemble((head, style), said))
            # What cannot be shown yet is said in one breath, unless everything is asked for.
            if most is None or not thing.waits:
                _indented(console, _plain(same[0].message, people))
        _print_to_do(console, thing, people)
    more = len(findings) - sum(len(thing.checks) for thing in shown)
    if more:
        console.print(Text(f"... and {more} more: `--all` prints every one"))


def _print_to_do(console: "Console", thing: "ToDo", people: "People") -> None:
    _indented(console, f"do: {_plain(thing.remedy or 'nothing is written down', people)}")
    found = [finding for same in thing.found for finding in same]
    looked_at = list(dict.fromkeys(str(place) for f in found for place in f.looked_at))
    places = ", ".join(looked_at[:_MOST_PLACES]) or "no place"
    more = len(looked_at) - _MOST_PLACES
    places += f" and {more} more" if more > 0 else ""
    owners = ", ".join(dict.fromkeys(map(people.label, thing.owners)))
    _indented(console, f"who: {owners}   where: {places}")


def _plain(text: str, people: "People") -> str:
    """Names for ids and days in words, as on the pages."""
    from ops_model.site.prose import plain

    return plain(text, people)


def _counts(assessment: "Assessment") -> str:
    """`28 checks: 20 passed, 5 failed (1 waived, 1 switched off), 3 unknown`."""
    statuses = [f.status for f in assessment.findings]
    counted = []
    for status in _MARKS:
        if status in statuses:
            same = [f for f in assessment.findings if f.status == status]
            waived, off = sum(f.waived for f in same), sum(f.switched_off for f in same)
            flags = [f"{n} {word}" for n, word in ((waived, "waived"), (off, "switched off")) if n]
            flag = f" ({', '.join(flags)})" if flags else ""
            counted.append(f"{statuses.count(status)} {status.replace('_', ' ')}{flag}")
    return f"{len(statuses)} checks: {', '.join(counted)}"

"""The cards of all systems together: what became of each, what it owes, what it takes."""

from collections.abc import Mapping, Sequence

from ops_model.domain.people import People
from ops_model.domain.portfolio_status import (
    CLASSES,
    COMPLETE,
    QUESTIONS,
    Ask,
    CeilingSum,
    PilotGate,
    PortfolioStatus,
    SharedGap,
    Standing,
    SystemClass,
    Waiting,
)
from ops_model.domain.values import Money
from ops_model.site import words
from ops_model.site.markup import Html, join, tag
from ops_model.site.parts import chip, frame, line, picture, quiet, sentences, table
from ops_model.site.prose import prose
from ops_model.site.words import (
    AMBER,
    FAILED,
    GREEN,
    GREY,
    NOT_APPLICABLE,
    PASSED,
    RED,
    UNKNOWN,
    Look,
)

LOOKS: Mapping[SystemClass, Look] = {
    "RECKLESS": Look("✖", "RECKLESS", RED, "bad"),
    "STRANDED": Look("■", "STRANDED", RED, "bad"),
    "UNKNOWN": Look("?", "UNKNOWN", RED, "bad"),
    "FRAGILE": Look("▲", "FRAGILE", AMBER, "warn"),
    "TECH_FAILED": Look("\u2013", "TECH FAILED", GREY, "quiet"),
    "PASSED": Look("▲", "PASSED", AMBER, "warn"),
    "PILOT": Look("○", "PILOT", GREY, "quiet"),
    "OPERATED": Look("✓", "OPERATED", GREEN, "good"),
    "RETIRED": Look("\u2013", "RETIRED", GREY, "quiet"),
}
"""How a class is shown: glyph and word, never colour alone."""
GATES_ARE = (
    "Gates are the checks of the system itself that apply; one that is waived is not met, and "
    "those that only inform are none."
)
_BY = {"stall": "why a pilot stalls", "seat": "seat of a review", "team": "team of a reviewer"}
_NOT_YET = Look("▲", "not yet possible", AMBER, "warn")
_NOTHING = Look("✓", "nothing", GREEN, "good")
_WAITS = Look("▲", "waiting", AMBER, "warn")
_REFUSED = Look("✖", "refused", RED, "bad")
_OPEN = Look("✓", "may begin", GREEN, "good")
_OWED = Look("▲", "owed", AMBER, "warn")
_OVER = Look("✖", "over the ceiling", RED, "bad")
_OVERRIDDEN = Look("▲", "over, by a written exception", AMBER, "warn")
_WITHIN = Look("✓", "within the ceiling", GREEN, "good")
_NOT_COMPARED = Look("?", "cannot be compared", AMBER, "warn")
_BAR_WIDTH, _BAR_HEIGHT = 320, 18


def portfolio(status: PortfolioStatus, people: People) -> Html:
    """The record whole, as the page of a run shows it."""
    return join(
        [
            board_card(status), classes_card(status), stages_card(status),
            friction_card(status, people), shared_gaps_card(status, people), debt_card(status),
            budget_card(status), gate_card(status),
        ]
    )  # fmt: skip


def board_card(status: PortfolioStatus) -> Html:
    """How many had a strategy, how many an operations plan; and the sentence for the board."""
    had, plan, total = status.had_strategy, status.had_plan, len(status.systems)
    look = PASSED if total and plan == total else FAILED
    title = f"{had} had a strategy, {plan} had an operations plan"
    bars = [_bar("had a strategy", had, total), _bar("had an operations plan", plan, total)]
    return frame(
        title, look if total else NOT_APPLICABLE, status,
        table((), bars),
        line(quiet(f"An operations plan has every section and answers {QUESTIONS} questions.")),
        line(tag("strong", "What to tell the board: "), status.board_answer),
    )  # fmt: skip


def _bar(name: str, count: int, total: int) -> tuple[object, ...]:
    width = round(_BAR_WIDTH * count / total) if total else 0
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_BAR_WIDTH}" height="{_BAR_HEIGHT}">'
        f'<rect x="0.5" y="0.5" width="{_BAR_WIDTH - 1}" height="{_BAR_HEIGHT - 1}" '
        'fill="none" stroke="#8a8a8a"/>'
        f'<rect width="{width}" height="{_BAR_HEIGHT}" fill="#777777"/></svg>'
    )
    said = f"{count} of {total} {name}"
    return (name, picture(svg, said), tag("strong", f"{count} of {total}"))


def classes_card(status: PortfolioStatus) -> Html:
    """Each system with its class and why, those that need somebody most first."""
    order = list(CLASSES)
    systems = sorted(status.systems, key=lambda s: (order.index(s.outcome), s.system))
    rows = [
        (
            chip(LOOKS[s.outcome]),
            join([tag("strong", s.system), *([quiet(" simulated")] if s.simulated else [])]),
            line(s.why),
            *_gates(s),
        )
        for s in systems
    ]
    counts = [
        f"{len(status.of(outcome))} {LOOKS[outcome].word}"
        for outcome in order
        if status.of(outcome)
    ]
    look = LOOKS[systems[0].outcome] if systems else NOT_APPLICABLE
    head = ("", "system", "why", "five questions", "gates met")
    return frame(
        ", ".join(counts) or "No system yet", look, status, table(head, rows),
        line(quiet(GATES_ARE)),
    )  # fmt: skip


def _gates(standing: Standing) -> tuple[object, ...]:
    if standing.verdict is None:
        return ("not judged", "not judged")
    sections = f", {COMPLETE} is open" if standing.sections_open else ""
    return (
        f"{standing.answered} of {QUESTIONS}{sections}",
        line(f"{standing.gates_met} of {standing.gates} ", quiet(standing.verdict)),
    )


def stages_card(status: PortfolioStatus) -> Html:
    """The stage of each system and its age; how long system and version have served."""
    systems = sorted(status.systems, key=lambda s: (-(s.stage_days or 0), s.system))
    rows = [
        (
            tag("strong", s.system),
            s.stage.replace("_", " ") if s.stage else "no folder describes it",
            _days(s.stage_days),
            _days(s.tenure_days) if s.tenure_days is not None else "never served",
            f"{s.version}: {_days(s.version_days)}"
            if s.version_days is not None
            else quiet("serves nobody now"),
        )
        for s in systems
    ]
    head = ("system", "stage", "for", "served users for", "version in production")
    oldest = f"the oldest stage is {_days(systems[0].stage_days)} old" if systems else "no system"
    waiting = status.of("STRANDED", "PASSED", "PILOT", "UNKNOWN")
    look = _WAITS if waiting else _NOTHING
    title = f"{words.plural(len(waiting), 'system')} short of production; {oldest}"
    return frame(title, look, status, table(head, rows))


def _days(days: int | None) -> str:
    return words.plural(days, "day") if days is not None else "not known"


def friction_card(status: PortfolioStatus, people: People) -> Html:
    """Days of waiting, by reason, by seat and by team."""
    blocks: list[Html] = []
    for by, said in _BY.items():
        mine = [w for w in status.waiting if w.by == by]
        if mine:
            rows = [_waited(wait, people) for wait in mine]
            head = (said, "days", "systems", "still waiting")
            blocks.append(table(head, rows))
    open_ones = sum(bool(wait.still) for wait in status.waiting)
    stalled = sum(wait.days for wait in status.waiting if wait.by == "stall")
    reviewed = sum(wait.days for wait in status.waiting if wait.by == "seat")
    title = (
        f"{words.plural(stalled, 'day')} of stalling, "
        f"{words.plural(reviewed, 'day')} of waiting for a review"
    )
    nothing = [line("No pilot has a stall reason in portfolio.yaml, and no review is open.")]
    return frame(title, _WAITS if open_ones else _NOTHING, status, *(blocks or nothing))


def _waited(wait: Waiting, people: People) -> tuple[object, ...]:
    team = wait.by == "team" and people.team(wait.what) is not None
    name = people.label(wait.what) if team else wait.what.replace("_", " ")
    return (
        tag("strong", name), f"{wait.days:,}", str(wait.systems),
        ", ".join(wait.still) or quiet("nobody"),
    )  # fmt: skip


def shared_gaps_card(status: PortfolioStatus, people: People) -> Html:
    """The next three things to do across systems, shared work counted once."""
    rows = [
        (tag("strong", str(number)), _gap(gap, people), ", ".join(gap.systems))
        for number, gap in enumerate(status.next_gaps, start=1)
    ]
    title = f"{words.plural(len(rows), 'thing')} to do that unblock the most systems"
    if not rows:
        return frame("No gap stands in any system's way", PASSED, status)
    return frame(title, _OWED, status, table(("", "what", "in"), rows))


def _gap(gap: SharedGap, people: People) -> Html:
    said = f"closes {words.plural(gap.gaps, 'gap')} in {words.plural(len(gap.systems), 'system')}"
    checks = ", ".join(gap.checks[:6]) + (
        f" and {len(gap.checks) - 6} more" if len(gap.checks) > 6 else ""
    )
    later = [chip(_NOT_YET), " "] if gap.waits else []
    return join([line(*later, prose(gap.what, people)), line(quiet(f"{said} ({checks})"))])


def debt_card(status: PortfolioStatus) -> Html:
    """Open gaps by system, how long the oldest has stood, and the weighted days."""
    owing = sorted(status.systems, key=lambda s: (-s.debt, s.system))
    rows = [
        (
            tag("strong", s.system), s.tier or "not known", str(s.open_gaps),
            words.day(s.oldest_gap) if s.oldest_gap else quiet("none"), f"{s.debt:,}",
        )
        for s in owing
    ]  # fmt: skip
    head = ("system", "tier", "open gaps", "oldest since", "weighted gap days")
    gaps = sum(s.open_gaps for s in status.systems)
    title = f"Ops debt: {words.plural(gaps, 'open gap')}, {words.full(status.debt)}"
    rule = (
        "Each open gap counts the days since the first verdict on record in which it has stood "
        "without a break, at least one, times 3, 2 or 1 at tier A, B or C. A waiver answers for "
        "a gap and does not close it."
    )
    look = _OWED if gaps else _NOTHING
    return frame(title, look, status, table(head, rows), line(quiet(rule)))


def budget_card(status: PortfolioStatus) -> Html:
    """The ceilings added up against the portfolio's, and the ask for what is stranded."""
    ceilings = status.ceilings
    look = _ceiling_look(ceilings)
    asked = [
        f"{_money(ask.amount)} for {', '.join(ask.systems)}: what closing their gaps costs. "
        f"{cost_bases(status, ask)}"
        for ask in status.asks
    ]
    asked += [f"not costed yet: {', '.join(status.not_costed)}"] if status.not_costed else []
    none = [line("No pilot is stranded, so nothing is asked for.")]
    total = " and ".join(_money(ask.amount) for ask in status.asks) or "nothing"
    return frame(
        f"The ask: {total}", _OWED if asked else look, status,
        *(sentences("To operate what is stranded", asked) or none),
        line(tag("strong", "Ceilings per day: "), chip(look)), line(_summed(ceilings)),
        *([line(tag("strong", "exception: "), ceilings.override)] if ceilings.override else []),
    )  # fmt: skip


def cost_bases(status: PortfolioStatus, ask: Ask) -> str:
    """What the money of an ask pays for, by system where there are several; or nobody said."""
    told = {s.system: s.cost_basis for s in status.systems if s.system in ask.systems}
    several = len(told) > 1
    said = [f"{name}: {basis}" if several else basis for name, basis in told.items() if basis]
    none = [name for name, basis in told.items() if not basis]
    if none:
        of = f" for {', '.join(none)}" if several else ""
        said.append(f"Nobody said what it pays for, nor for how long{of}")
    return "; ".join(one.rstrip(".") for one in said) + "."


def _money(money: Money) -> str:
    return words.amount(float(money.amount), money.currency)


def _ceiling_look(ceilings: CeilingSum) -> Look:
    if ceilings.holds is None:
        return _NOT_COMPARED
    if ceilings.holds:
        return _WITHIN
    return _OVERRIDDEN if ceilings.override else _OVER


def _summed(ceilings: CeilingSum) -> str:
    limit = f"that of the portfolio is {_money(ceilings.limit)}" if ceilings.limit else (
        "portfolio.yaml sets no `ceiling_per_day`"
    )  # fmt: skip
    if ceilings.total is None:
        return f"No system has a ceiling per day that can be added up; {limit}."
    left = f" Left out: {', '.join(ceilings.left_out)}." if ceilings.left_out else ""
    added = (
        f"Those of {words.plural(ceilings.systems, 'system')} add up to {_money(ceilings.total)}"
    )
    return f"{added}; {limit}.{left}"


def gate_card(status: PortfolioStatus) -> Html:
    """Whether one more pilot may begin, and why."""
    gate = status.gate
    if gate is None:
        said = line("There is no portfolio.yaml, so nobody set a limit on pilots.")
        return frame("One more pilot", _NOT_COMPARED, status, said)
    rows: Sequence[tuple[object, ...]] = [
        ("stranded pilots", str(gate.stranded)),
        ("refused from so many on", str(gate.wip_limit)),
        ("people who operate AI systems", _operators(gate)),
    ]
    return frame(
        "One more pilot", gate_look(gate), status,
        line(gate.why[:1].upper() + gate.why[1:] + "."), table((), rows),
    )  # fmt: skip


def gate_look(gate: PilotGate) -> Look:
    """Refused, open, or not known where only the number of operators is missing."""
    if not gate.refused:
        return _OPEN
    full = gate.stranded >= gate.wip_limit
    return UNKNOWN if gate.operators_fte is None and not full else _REFUSED


def _operators(gate: PilotGate) -> str:
    return "not written" if gate.operators_fte is None else f"{gate.operators_fte:g}"

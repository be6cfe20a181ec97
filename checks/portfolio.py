"""All pilots together: what became of each, where it lies, and how many can be operated.

These findings inform; none of them blocks a system. A notebook's kernel knows one system only, so
what other pilots did is read from their own entries in portfolio.yaml.
"""

from datetime import timedelta

from ops_model.check.api import (
    FIVE_QUESTIONS,
    Context,
    Outcome,
    check,
    counted,
    failed,
    not_applicable,
    passed,
    unknown,
)
from ops_model.domain.portfolio import Pilot, PilotOutcome, outcome_of
from ops_model.domain.values import Where

HIDDEN_PLACES = frozenset({"laptop_notebook", "dark_flag", "sandbox"})
"""Where a pilot is forgotten (S3.3)."""
NEW = frozenset({None, "idea", "pilot"})


@check(
    "PRT-02",
    question="Did the pilot ship, or end, instead of being stranded?",
    area="portfolio",
    source=["S3.1", "S3.2", "S3.4"],
    revision=1,
)
def outcome_class(ctx: Context) -> Outcome:
    """A pilot that met its targets did not fail; nobody knew how to operate it."""
    found = _pilot(ctx)
    if isinstance(found, Outcome):
        return found
    outcome = _outcome(ctx, found)
    if outcome == "STRANDED" and found.targets_met_on is not None:
        days = (ctx.today - found.targets_met_on).days
        waits = ", ".join(r.code for r in found.stall_reasons if r.ends is None)
        cost = f"; to close the gaps costs {found.cost_to_close}" if found.cost_to_close else ""
        return failed(
            f"STRANDED: it met its targets {days} days ago and serves nobody"
            f"{f' ({waits})' if waits else ''}{cost}",
            looked_at=[found.place_of("targets_met_on")],
            remedy=f"the owner settles what would ship it: {_what_would_ship(ctx)}; or whoever "
            "sponsors it ends it",
        )
    if outcome == "TECH_FAILED" and ctx.system.identity.stage_at(ctx.as_of) != "retired":
        return failed(
            f"TECH_FAILED: it ended on {found.ended_on} without meeting its targets, and is not "
            "retired",
            looked_at=[found.place_of("ended_on"), ctx.system.identity.place_of("stage_history")],
            remedy="the owner switches it off and writes the stage `retired` into system.yaml, or "
            "sets new targets with a new end",
        )
    return passed(
        f"{outcome}: {_SAID[outcome]}", looked_at=[found.where, ctx.system.identity.where]
    )


_SAID: dict[PilotOutcome, str] = {
    "RUNNING": "its targets are not met yet, and it has not ended",
    "PASSED": "it met its targets and waits to be shipped",
    "SHIPPED": "it serves users",
    "TECH_FAILED": "it did not meet its targets, and was retired",
}


def _what_would_ship(ctx: Context) -> str:
    asked = [ctx.finding_of(check_id) for _, checks in FIVE_QUESTIONS for check_id in checks]
    open_ones = [found.check for found in asked if found is not None and found.open]
    return ", ".join(open_ones) or "all five questions are answered, so a deploy review"


@check(
    "PRT-03",
    question="Is there a day by which it is decided what becomes of the pilot?",
    area="portfolio",
    source=["S1.7", "S3.9", "S3.10"],
    revision=1,
)
def stage_ageing(ctx: Context, *, max_days: int = 180) -> Outcome:
    """`Let us revisit next quarter` is how a pilot is stranded without anybody deciding it."""
    found = _pilot(ctx)
    if isinstance(found, Outcome):
        return found
    outcome, today = _outcome(ctx, found), ctx.today
    if outcome in {"SHIPPED", "TECH_FAILED"}:
        return not_applicable(f"{outcome}: nothing is left to decide", looked_at=[found.where])
    where = found.place_of("decide_by")
    if found.decide_by is None:
        return _undecided(f"{outcome}, and no day is set by which it is decided", where)
    if found.decide_by < today:
        return _undecided(f"{outcome}: it was to be decided by {found.decide_by}", where)
    if found.decide_by - today > timedelta(days=max_days):
        return _undecided(
            f"{outcome}: to be decided by {found.decide_by}, in "
            f"{(found.decide_by - today).days} days; expected within {max_days}",
            where,
        )
    return passed(
        f"{outcome}, to be decided by {found.decide_by}",
        looked_at=[where],
        valid_until=ctx.end_of(found.decide_by) if found.decide_by else None,
    )


def _undecided(said: str, where: Where) -> Outcome:
    return failed(
        said,
        looked_at=[where],
        remedy="whoever sponsors it decides to ship, to go on or to end it, and writes the next "
        "`decide_by` into portfolio.yaml",
    )


@check(
    "PRT-04",
    question="Does the pilot lie where it can be operated from, once it met its targets?",
    area="portfolio",
    source=["S3.3"],
    revision=1,
)
def where_it_lives(ctx: Context) -> Outcome:
    """On a laptop, behind a flag, in a sandbox: that is where pilots that worked are forgotten."""
    found = _pilot(ctx)
    if isinstance(found, Outcome):
        return found
    outcome, where = _outcome(ctx, found), found.place_of("location")
    serves = outcome == "SHIPPED"
    if serves != (found.location == "production"):
        said = "users are served" if serves else "nobody is served"
        return failed(
            f"portfolio.yaml says {found.location}, and by the stage history {said}",
            looked_at=[where, ctx.system.identity.place_of("stage_history")],
            remedy="the owner corrects `location` in portfolio.yaml or the stage history in "
            "system.yaml, or moves the system",
        )
    if outcome in {"PASSED", "STRANDED"} and found.location in HIDDEN_PLACES:
        return failed(
            f"{outcome}: it met its targets and lies in {found.location.replace('_', ' ')}",
            looked_at=[where],
            remedy="the platform lead gives it a place in a test environment that others can "
            "reach, and writes it as `location` in portfolio.yaml",
        )
    return passed(f"{outcome}, in {found.location.replace('_', ' ')}", looked_at=[where])


@check(
    "PRT-08",
    question="Is there room to operate one more pilot?",
    area="portfolio",
    source=["S3.23", "S3.34"],
    revision=2,
)
def room_for_a_new_pilot(ctx: Context) -> Outcome:
    """Pilot number ten helps nobody while nine of them wait for somebody to run them."""
    portfolio, identity = ctx.model.portfolio, ctx.system.identity
    if portfolio is None:
        return _no_portfolio()
    stage = identity.stage_at(ctx.as_of)
    if stage not in NEW:
        return not_applicable(
            f"{ctx.system.id} is past being a new pilot ({stage})",
            looked_at=[identity.place_of("stage_history")],
        )
    stranded = [p.system for p in portfolio.pilots if _stranded_by_its_entry(ctx, p)]
    looked_at = [portfolio.place_of("operators_fte"), portfolio.place_of("wip_limit")]
    waiting = f"{counted(len(stranded), 'pilot')} stranded by the dates in portfolio.yaml"
    waiting += f" ({', '.join(stranded)})" if stranded else ""
    if portfolio.operators_fte is None and len(stranded) < portfolio.wip_limit:
        return unknown(
            "missing",
            f"operators_fte is not written; {waiting}",
            looked_at=looked_at,
            remedy="the platform lead writes into portfolio.yaml how many people operate AI "
            "systems, in full positions (`operators_fte`)",
        )
    if portfolio.operators_fte == 0 or len(stranded) >= portfolio.wip_limit:
        nobody = "nobody operates AI systems; " if portfolio.operators_fte == 0 else ""
        return failed(
            f"{nobody}{waiting}; expected fewer than {portfolio.wip_limit}, and operators",
            looked_at=looked_at,
            remedy="the platform lead ships or ends a stranded pilot, or hires an operator, "
            f"before {ctx.system.id} goes on",
        )
    return passed(
        f"{waiting}, of {portfolio.wip_limit}; {portfolio.operators_fte} operators",
        looked_at=looked_at,
    )


def _stranded_by_its_entry(ctx: Context, pilot: Pilot) -> bool:
    # Whether another system serves users is not known here; its entry says where it lies.
    if pilot.location == "production":
        return False
    return outcome_of(pilot, None, at=ctx.as_of) == "STRANDED"


def _outcome(ctx: Context, pilot: Pilot) -> PilotOutcome:
    return outcome_of(pilot, ctx.system.identity, at=ctx.as_of)


def _pilot(ctx: Context) -> Pilot | Outcome:
    """The system's entry in the portfolio, or the answer where there is none."""
    portfolio, identity = ctx.model.portfolio, ctx.system.identity
    pilot = portfolio.pilot(ctx.system.id) if portfolio is not None else None
    if pilot is not None:
        return _dated_later(ctx, pilot) or pilot
    if identity.in_production_at(ctx.as_of):
        return not_applicable(
            f"{ctx.system.id} serves users and is no pilot in portfolio.yaml",
            looked_at=[identity.place_of("stage_history")],
        )
    if portfolio is None:
        return _no_portfolio()
    return unknown(
        "missing",
        f"{ctx.system.id} serves nobody, and portfolio.yaml does not know it",
        looked_at=[portfolio.place_of("pilots")],
        remedy=f"the owner writes {ctx.system.id} under `pilots` in portfolio.yaml: its targets, "
        "where it lies, and by when it is decided",
    )


def _dated_later(ctx: Context, pilot: Pilot) -> Outcome | None:
    """The failure of an entry that tells of what has not happened yet; None when it does not."""
    told = {"targets_met_on": pilot.targets_met_on}
    told |= {f"the start of {r.code}": r.starts for r in pilot.stall_reasons}
    later = [f"{what} {day}" for what, day in told.items() if day and day > ctx.last_day]
    if not later:
        return None
    return failed(
        f"dated in the future: {', '.join(later)}",
        looked_at=[pilot.where],
        remedy=f"the owner writes into the entry of {pilot.system} in portfolio.yaml what has "
        "happened by now",
    )


def _no_portfolio() -> Outcome:
    where = Where(path="portfolio.yaml")
    return unknown(
        "missing",
        f"there is no {where}",
        looked_at=[where],
        remedy="the platform lead writes portfolio.yaml: the pilots, who operates, and how many "
        "at once",
    )

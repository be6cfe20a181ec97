"""Where the rota fails or is weak: every instant of the next weeks, by boundaries, not samples."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import pairwise

from ops_model.domain.decisions import Action
from ops_model.domain.duty import Duty, Fault, urgent_actions, window_from
from ops_model.domain.evidence import Measured
from ops_model.domain.on_call import ROLES, CoverageMeasurement, Role, RotaHole
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.values import Window, zone
from ops_model.domain.waivers import why_not_accepted

ACKNOWLEDGED_BY = "ONC-02"
"""The check whose waiver acknowledges that somebody who trained the version is primary."""

# Two weeks in which the clocks go back are an hour longer than two weeks.
_CLOCK_CHANGE = timedelta(hours=1)
# Whoever hands over for less has not slept.
_BREAK = timedelta(hours=12)

_Span = tuple[datetime, datetime]


def measure_coverage(
    model: OperatingModel,
    system: SystemClaims,
    *,
    as_of: datetime,
    days: int = 91,
    drilled: frozenset[str] | None = None,
) -> CoverageMeasurement:
    """In which spans a page would reach nobody, or somebody who should not be the one.

    Between two neighbouring boundaries (shifts, overrides, absences, people who come or go,
    waivers that begin or end) no answer changes, so one look at each span is exact.

    Args:
        model: the workbook; its people say who is active, its policy what is acknowledged.
        system: the system whose rota and decision rights are resolved.
        as_of: where the window starts.
        days: its length, in days of 24 hours.
        drilled: ids of the people who have drilled this system; None when that is not known, and
            then nothing is said about it.

    Returns:
        `holes` and `weak` spots per role, `undecidable` spans per urgent action, and the share of
        hours in which both roles can answer.

    Raises:
        UsageError: the window is none that a rota can be resolved for.
    """
    duty = Duty.of(model, system, window_from(as_of, days))
    instants = duty.instants()
    spans = list(pairwise(instants))
    by_role = {role: _holes(spans, role, partial(duty.fault, role)) for role in ROLES}
    covered = sum(
        (end - start for start, end in spans if not any(duty.fault(r, start) for r in ROLES)),
        timedelta(),
    )
    return CoverageMeasurement(
        system=system.id,
        as_of=as_of,
        claims=system.claim_refs("on_call", "decisions"),
        window=duty.window,
        days=days,
        covered_share=Measured(
            value=covered / timedelta(days=days), unit="share", n=24 * days, no_interval="exact"
        ),
        people=tuple(sorted(_people(duty, instants[:-1]))),
        people_by_role={role: _who_answers(duty, spans, role) for role in ROLES},
        holes=_in_order(h for r in ROLES for h in by_role[r]),
        weak=_in_order(_weak(duty, _acknowledgements(model, system, as_of), spans, drilled)),
        undecidable=_in_order(
            hole for action in urgent_actions(system) for hole in _undecidable(duty, spans, action)
        ),
        primary_now=duty.paged("primary", as_of),
        secondary_now=duty.paged("secondary", as_of),
    )


def _in_order(holes: Iterable[RotaHole]) -> tuple[RotaHole, ...]:
    return tuple(sorted(holes, key=lambda hole: hole.start))


def _holes(
    spans: Sequence[_Span],
    role: Role,
    fault_at: Callable[[datetime], Fault | None],
    action: Action | None = None,
) -> tuple[RotaHole, ...]:
    """The spans with a fault; neighbours with the same one are one hole."""
    holes: list[RotaHole] = []
    for start, end in spans:
        fault = fault_at(start)
        if fault is None:
            continue
        begins = start
        if holes and holes[-1].end == start and holes[-1].why == fault.why:
            begins = holes.pop().start
        holes.append(
            RotaHole(
                start=begins,
                end=end,
                role=role,
                why=fault.why,
                kind=fault.kind,
                person=fault.person,
                action=action,
            )
        )
    return tuple(holes)


def _people(duty: Duty, instants: list[datetime]) -> set[str]:
    return {p for role in ROLES for at in instants if (p := duty.paged(role, at)) is not None}


def _who_answers(duty: Duty, spans: Sequence[_Span], role: Role) -> tuple[str, ...]:
    """Who holds a role for the length of a break or more, and can answer; in order of ids."""
    held: dict[str, timedelta] = {}
    for start, end in spans:
        if (person := _answering(duty, role, start)) is not None:
            held[person] = held.get(person, timedelta()) + (end - start)
    return tuple(sorted(person for person, hours in held.items() if hours >= _BREAK))


def _undecidable(duty: Duty, spans: Sequence[_Span], action: Action) -> tuple[RotaHole, ...]:
    decisions = duty.system.decisions
    right = decisions.right(action) if decisions is not None else None
    role: Role = "secondary" if right is not None and right.holder == "secondary" else "primary"

    def fault_at(at: datetime) -> Fault | None:
        why = duty.decider(action, at).why_not
        return Fault("undecidable", why) if why else None

    return _holes(spans, role, fault_at, action)


def _weak(
    duty: Duty,
    acknowledged: tuple[Window, ...],
    spans: Sequence[_Span],
    drilled: frozenset[str] | None,
) -> Iterator[RotaHole]:
    """Spots where whoever is paged can answer; where nobody can, that is the worse news."""
    # Whoever trained it may well be asked second (S0.13); whoever never drilled it may not.
    for role in ROLES if drilled is not None else ():
        yield from _holes(spans, role, partial(_undrilled, duty, role, drilled or frozenset()))
    cut = tuple(_cut(spans, acknowledged))
    yield from _holes(cut, "primary", partial(_trained, duty, acknowledged))
    yield from _too_long(duty)


def _answering(duty: Duty, role: Role, at: datetime) -> str | None:
    return duty.paged(role, at) if duty.fault(role, at) is None else None


def _undrilled(duty: Duty, role: Role, drilled: frozenset[str], at: datetime) -> Fault | None:
    person = _answering(duty, role, at)
    if person is None or person in drilled:
        return None
    return Fault("never_drilled", f"{person} is {role} and has never drilled this system", person)


def _trained(duty: Duty, acknowledged: tuple[Window, ...], at: datetime) -> Fault | None:
    version, person = duty.system.identity.version, _answering(duty, "primary", at)
    if person not in version.trained_by or any(w.start <= at < w.end for w in acknowledged):
        return None
    return Fault("trained", f"{person} is primary and trained {version.label}", person)


def _acknowledgements(
    model: OperatingModel, system: SystemClaims, as_of: datetime
) -> tuple[Window, ...]:
    """When somebody answers for a primary who trained the version; days in the workbook's zone."""
    local = zone(model.settings.zone)
    today = as_of.astimezone(local).date()
    return tuple(
        Window(
            start=datetime.combine(w.starts, time(), tzinfo=local).astimezone(UTC),
            end=datetime.combine(w.expires, time(), tzinfo=local).astimezone(UTC),
        )
        for w in model.policy.waivers
        if (w.check_id, w.system) == (ACKNOWLEDGED_BY, system.id)
        # One that begins within the window is accepted by whoever may accept it then.
        and not why_not_accepted(w, model, system, max(today, w.starts))
    )


def _cut(spans: Sequence[_Span], windows: Sequence[Window]) -> Iterator[_Span]:
    ends = sorted(i for w in windows for i in (w.start, w.end))
    for start, end in spans:
        yield from pairwise([start, *(i for i in ends if start < i < end), end])


def _too_long(duty: Duty) -> Iterator[RotaHole]:
    """What of each unbroken run of one primary lies beyond the days that are allowed."""
    rota = duty.system.on_call
    if rota is None:
        return
    limit = timedelta(days=rota.max_consecutive_days)
    # A run that began before the window is as long when the window opens.
    since = duty.window.start - limit - _CLOCK_CHANGE - _BREAK
    longer = Window(start=since, end=duty.window.end)
    before = Duty(duty.system, duty.people, longer)
    for person, begins, ends in _runs(before):
        if ends > duty.window.start and ends - begins > limit + _CLOCK_CHANGE:
            yield RotaHole(
                start=max(begins + limit, duty.window.start),
                end=ends,
                role="primary",
                why=f"{person} is primary for more than {rota.max_consecutive_days} days "
                "without a break",
                kind="too_long",
                person=person,
            )


def _runs(duty: Duty) -> Iterator[tuple[str, datetime, datetime]]:
    """Who answers as primary, and from when to when without a break that lets one sleep."""
    running: dict[str, _Span] = {}
    for start, end in pairwise(duty.instants()):
        person = _answering(duty, "primary", start)
        if person is None:
            continue
        begun, held_until = running.get(person, (start, start))
        if start - held_until >= _BREAK:
            yield person, begun, held_until
            begun = start
        running[person] = (begun, end)
    yield from ((person, *run) for person, run in running.items())

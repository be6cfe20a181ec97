"""The operating model itself: every reference names something that exists."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from ops_model.check.api import Context, Outcome, check, failed, passed
from ops_model.domain.operating_model import AREA_FILES, SystemClaims
from ops_model.domain.values import Value, Where

Reference = tuple[str | None, str, Where]
"""An id (None: nothing was written), the kind of thing that it names, and where it stands."""

ROLES = frozenset({"primary", "secondary"})


class _Named(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> str: ...


@check(
    "OM-06",
    question="Does every reference name something that exists?",
    area="model",
    source=["S1.8"],
    revision=1,
)
def references_name_something(ctx: Context) -> Outcome:
    """A rota that names somebody who left the file pages nobody, and looks complete."""
    known = _known(ctx)
    written = [r for r in _references(ctx.system) if r[0] is not None]
    dangling = [(name, kind, where) for name, kind, where in written if name not in known[kind]]
    if dangling:
        said = "; ".join(f"{where}: {kind} {name!r}" for name, kind, where in dangling)
        return failed(
            f"{len(dangling)} of {len(written)} references name nothing: {said}",
            looked_at=[where for _, _, where in dangling],
            remedy="whoever keeps the file corrects the id, or adds what it names",
        )
    files = [getattr(ctx.system, attribute) for attribute in AREA_FILES]
    return passed(
        f"all {len(written)} references name something",
        looked_at=[file.where for file in files if file is not None],
    )


def _known(ctx: Context) -> dict[str, frozenset[str]]:
    """The ids that there are, by the kind of thing that a reference may name."""
    people = frozenset(p.id for p in ctx.model.people.people)
    teams = frozenset(t.id for t in ctx.model.people.teams)
    signals, levels = ctx.system.signals, ctx.system.service_levels
    return {
        "person": people,
        "person or team": people | teams,
        "person or role": people | ROLES,
        "person, team or role": people | teams | ROLES,
        "dependency": _ids(ctx.system.identity.dependencies),
        "log": _ids(signals.logs if signals else ()),
        "baseline": _ids(signals.baselines if signals else ()),
        "playbook": _ids(signals.playbooks if signals else ()),
        "objective": _ids(levels.objectives if levels else ()),
    }


def _ids(values: Iterable[_Named]) -> frozenset[str]:
    return frozenset(value.id for value in values)


def _references(system: SystemClaims) -> Iterator[Reference]:
    """Every reference that the system's files hold."""
    for read in (_people, _on_call, _decisions, _plans, _signals):
        yield from read(system)


def _each(node: Value, key: str, kind: str) -> Iterator[Reference]:
    """The references under one key of an object: one id, or several."""
    value = getattr(node, key)
    for name in value if isinstance(value, tuple) else (value,):
        yield name, kind, node.place_of(key)


def _people(system: SystemClaims) -> Iterator[Reference]:
    yield from _each(system.identity.version, "trained_by", "person")
    for change in system.identity.stage_history:
        yield from _each(change, "by", "person")
    if system.ownership is not None:
        yield from _each(system.ownership, "accountable", "person or team")
        yield from _each(system.ownership, "deputy", "person or team")
        for domain in type(system.ownership.domains).model_fields:
            yield from _each(system.ownership.domains, domain, "person or team")


def _on_call(system: SystemClaims) -> Iterator[Reference]:
    if system.on_call is None:
        return
    for layer in system.on_call.layers:
        yield from _each(layer, "participants", "person")
    for turn in (*system.on_call.overrides, *system.on_call.absences):
        yield from _each(turn, "person", "person")
    for step in system.on_call.escalation:
        yield from _each(step, "target", "person, team or role")


def _decisions(system: SystemClaims) -> Iterator[Reference]:
    for right in system.decisions.rights if system.decisions else ():
        yield from _each(right, "holder", "person, team or role")
        yield from _each(right, "backup", "person, team or role")
        yield from _each(right, "approvers", "person, team or role")
    for seat in system.decisions.review.seats if system.decisions else ():
        yield from _each(seat, "person", "person")


def _plans(system: SystemClaims) -> Iterator[Reference]:
    if system.rollback is not None:
        yield from _each(system.rollback, "author", "person")
    for path in system.fallback.paths if system.fallback else ():
        yield from _each(path, "replaces", "dependency")
    for ceiling in system.cost.ceilings if system.cost else ():
        yield from _each(ceiling, "owner", "person or team")
    for agreement in system.service_levels.agreements if system.service_levels else ():
        yield from _each(agreement, "objective", "objective")


def _signals(system: SystemClaims) -> Iterator[Reference]:
    if system.signals is None:
        return
    for baseline in system.signals.baselines:
        yield from _each(baseline, "log", "log")
        yield from _each(baseline, "approved_by", "person")
    for monitor in system.signals.monitors:
        yield from _each(monitor, "log", "log")
        yield from _each(monitor, "labels", "log")
        yield from _each(monitor, "baseline", "baseline")
        yield from _each(monitor, "playbook", "playbook")
    for playbook in system.signals.playbooks:
        yield from _each(playbook, "who", "person, team or role")

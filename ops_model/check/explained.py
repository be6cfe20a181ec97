"""A check explained: what it asks and why, what it reads, what it can be set to, whom it binds.

Generated from the check, the register and the default policy, and never written by hand.
"""

import inspect
from collections.abc import Iterator
from typing import Any

from ops_model.check.catalogue import Catalogue
from ops_model.check.question import Check
from ops_model.check.reads import Reads, reads_of
from ops_model.check.thresholds import limits_of
from ops_model.check.waivers import FIVE_QUESTION_CHECKS, NEVER_WAIVED
from ops_model.domain.evidence import AREAS, Grade
from ops_model.domain.frameworks import ControlMapping
from ops_model.domain.policy import Policy
from ops_model.domain.waivers import LONGEST_WAIVER

_TIERS = "A / B / C"


def reason(check: Check) -> str:
    """Why the check is asked."""
    return " ".join((inspect.getdoc(check.function) or "").split())


def minimum_grades(check: Check) -> tuple[Grade, ...]:
    """The grades below which a pass does not count, at tiers A, B and C."""
    policy = Policy()
    return policy.minimum_grade(check.id, "A"), policy.minimum_grade(check.id, "B"), (
        policy.minimum_grade(check.id, "C")
    )  # fmt: skip


def who_may_waive(check: Check) -> str:
    """Who can answer for a gap that the check found, in a sentence without a capital."""
    if check.id in FIVE_QUESTION_CHECKS:
        return "nobody, since one of the five questions rests on it"
    if check.id in NEVER_WAIVED:
        return "nobody"
    if check.area == "portfolio":
        return "nobody needs to, since it informs and stands in no system's way"
    return f"an executive who did not build it, for {LONGEST_WAIVER.days} days at most"


def controls(check: Check, catalogue: Catalogue) -> list[dict[str, Any]]:
    """The controls that the check is said to support, as `--json` prints them."""
    register = catalogue.register
    return [
        {
            "framework": row.framework,
            "control": row.control,
            "title": control.title if (control := register.control(*_key(row))) else "",
            "weak": row.weak,
            "certainty": row.certainty,
        }
        for row in register.mapped_by(check.id)
    ]


def lines(check: Check, catalogue: Catalogue) -> Iterator[str]:
    """The check explained, for a terminal."""
    yield f"{check.id} {_name(check)}, area {check.area}, revision {check.revision}"
    yield check.question
    yield ""
    yield f"why: {reason(check)}"
    yield f"from: {catalogue.origins[check.id]}"
    if (reads := reads_of(check)) != Reads():
        yield f"reads: {reads}"
    yield f"minimum grade at tier {_TIERS}: {' / '.join(minimum_grades(check))}"
    yield f"may be waived by: {who_may_waive(check)}"
    for name, parameter in check.thresholds.items():
        yield f"threshold {name}: {_threshold(check, name, parameter.default)}"
    if check.thresholds:
        first = next(iter(check.thresholds))
        yield f"set in policy.yaml: thresholds: {{{check.id}: {{{first}: ...}}}}"
    rows = catalogue.register.mapped_by(check.id)
    if not rows:
        yield "no control of a framework is mapped to it: it is an operating rule of its own"
        return
    yield "may support, as a hypothesis for a reviewer to judge (in brackets: how sure we are):"
    for said in controls(check, catalogue):
        part = "in part only; " if said["weak"] else ""
        yield (
            f"  {said['framework']} {said['control']}, {said['title']} ({part}{said['certainty']})"
        )


def markdown(catalogue: Catalogue) -> str:
    """Every check that is loaded, by area, as one page."""
    parts = [
        "# The checks",
        "Written by `ops-model checks list --markdown`; do not edit. Each check answers its "
        "question with passed, failed, unknown or not applicable. What it is said to support is a "
        "hypothesis for a reviewer to judge, and no more.",
    ]
    for area in AREAS:
        mine = [check for check in catalogue.checks if check.area == area]
        parts += [f"## {area.capitalize()}"] if mine else []
        parts += [_entry(check, catalogue) for check in mine]
    return "\n\n".join(parts) + "\n"


def _threshold(check: Check, name: str, default: object) -> str:
    """A default, with what policy.yaml may set in its place where that has bounds."""
    limits = limits_of(check, name)
    return f"{default} ({limits})" if limits else str(default)


def _entry(check: Check, catalogue: Catalogue) -> str:
    thresholds = [
        f"`{name}` {_threshold(check, name, p.default)}" for name, p in check.thresholds.items()
    ]
    rows = catalogue.register.mapped_by(check.id)
    mapped = dict.fromkeys(row.framework for row in rows)
    told = [f"{key} {', '.join(_short(r) for r in rows if r.framework == key)}" for key in mapped]
    items = [
        f"Reads: {reads_of(check)}",
        f"Minimum grade at tier {_TIERS}: {' / '.join(minimum_grades(check))}",
        f"Thresholds: {'; '.join(thresholds) or 'none'}",
        f"May be waived by: {who_may_waive(check)}",
        f"May support: {'; '.join(told) or 'no control; it is an operating rule of its own'}",
    ]
    listed = "\n".join(f"- {item}" for item in items)
    head = f"### {check.id} {_name(check)} (revision {check.revision})"
    return f"{head}\n\n**{check.question}** {reason(check)}\n\n{listed}"


def _short(row: ControlMapping) -> str:
    return f"{row.control} (in part)" if row.weak else row.control


def _key(row: ControlMapping) -> tuple[str, str]:
    return row.framework, row.control


def _name(check: Check) -> str:
    return check.slug.replace("_", " ")

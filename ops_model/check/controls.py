"""Which controls of which framework the findings about a system support, on a day. Pure.

A row of the register is a hypothesis: this evidence supports that control. It never says more.
What no framework asks for is shown apart, as our operating rules.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from ops_model.domain.assessment import Finding
from ops_model.domain.frameworks import (
    STATUS_WORDS,
    Control,
    ControlMapping,
    Framework,
    FrameworkStatus,
    Register,
    status_said,
)
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.scalars import Day, Text
from ops_model.domain.values import Value

Support = Literal["supports", "partly supports", "not covered"]
REVIEW_DAYS = 180
"""After so many days what the register says of a framework is to be read again."""


class ClaimAnswer(Value):
    """What a claim answers where no check looks: the claim, and whether it is written."""

    group: str
    claim: str
    written: bool


class ControlAnswer(Value):
    """What the findings say of one control: how far they support it, and which they are.

    `not_said` names what compliance.yaml would have to say for it to be known whether the control
    speaks to the system at all.
    """

    control: str
    title: Text
    support: Support
    why: str
    status: str
    certainty: str = ""
    passed: tuple[str, ...] = ()
    still_open: tuple[str, ...] = ()
    not_asked: tuple[str, ...] = ()
    claims: tuple[ClaimAnswer, ...] = ()
    not_said: tuple[str, ...] = ()


class FrameworkAnswer(Value):
    """A framework that speaks to a system, or may, with its status on the day and its controls.

    `status` is the word, `said` the sentence with its certainty. `not_said` as with a control;
    where it is not empty, ask counsel. `review_is_old` warns that nobody read the source lately.
    """

    key: str
    title: Text
    status: FrameworkStatus
    said: str
    binding: bool
    historical: bool
    superseded_by: str | None
    source: Text
    note: str = ""
    reviewed_on: Day
    review_is_old: bool
    not_said: tuple[str, ...] = ()
    controls: tuple[ControlAnswer, ...] = ()

    def count(self, support: Support) -> int:
        """How many controls have this answer."""
        return sum(control.support == support for control in self.controls)


class RuleAnswer(Value):
    """One of our operating rules, which no framework asks for, and what its checks found."""

    rule: str
    checks: tuple[str, ...]
    statuses: tuple[str, ...]


class ControlsAnswer(Value):
    """All that the findings about a system say of frameworks, and of our own rules."""

    frameworks: tuple[FrameworkAnswer, ...]
    ours: tuple[RuleAnswer, ...]


OUR_RULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("a ceiling on what a day may cost", ("CST-01", "CST-02", "CST-03", "CST-04")),
    ("somebody named who is paged at two in the morning", ("ONC-01", "ONC-02", "ONC-03")),
    ("going back in under ten minutes", ("RBK-02",)),
    ("a partner who hands over duty by duty", ("TRN-02", "TRN-04")),
    ("no pilot left stranded", ("PRT-02", "PRT-03")),
    ("what one successful outcome costs", ("CST-08",)),
)
"""What no framework asks for, in our words; the checks that ask it."""


def _limits_stated(system: SystemClaims) -> bool:
    return bool(system.identity.intended_use and system.identity.out_of_scope)


def _impact_assessed(system: SystemClaims) -> bool:
    return system.compliance is not None and system.compliance.legal.impact_assessment is not None


def _appeal_possible(system: SystemClaims) -> bool:
    return system.compliance is not None and system.compliance.legal.appeal_path is not None


def _can_be_ended(system: SystemClaims) -> bool:
    rights = system.decisions.rights if system.decisions is not None else ()
    return any(right.action == "disable" for right in rights)


CLAIMED: Mapping[str, tuple[str, Callable[[SystemClaims], bool]]] = {
    "INT": ("intended_use and out_of_scope in system.yaml", _limits_stated),
    "IMP": ("impact_assessment in compliance.yaml", _impact_assessed),
    "FBC": ("appeal_path in compliance.yaml", _appeal_possible),
    "RET": ("who may switch it off, in decisions.yaml", _can_be_ended),
}
"""The groups without a check of their own, and the claim that answers each in part."""


def controls_of(
    register: Register, findings: Sequence[Finding], system: SystemClaims, day: date
) -> ControlsAnswer:
    """What the findings about a system say of every framework that speaks to it, or may.

    A control is supported when every check behind it that is loaded passed or does not arise, and
    one of a row that is not weak passed. It is partly supported when some passed, or only weak
    rows or claims speak of it, and else not covered. Frameworks that do not speak to the system
    are left out, and so are the controls in them that do not.

    Args:
        register: frameworks, controls, the rows that map them, and the checks that are loaded.
        findings: those of an assessment, each check once.
        system: the system's claims.
        day: the day on which each status is told.
    """
    by_id = {finding.check: finding for finding in findings}
    asked = _Asked(register, by_id, system, day)
    return ControlsAnswer(
        frameworks=tuple(
            asked.framework(framework)
            for framework in register.frameworks
            if framework.speaks_to(system) is not False
        ),
        ours=tuple(
            RuleAnswer(
                rule=rule,
                checks=checks,
                statuses=tuple(by_id[i].status if i in by_id else "not asked" for i in checks),
            )
            for rule, checks in OUR_RULES
        ),
    )


def review_is_old(framework: Framework, day: date, most_days: int = REVIEW_DAYS) -> bool:
    """True when the source was read last too long before a day, or only after it.

    What was not published on the day yet nobody could have read by then.
    """
    if framework.reviewed_on > day:
        return framework.status_on(day).status != "not_yet"
    return (day - framework.reviewed_on).days > most_days


@dataclass(frozen=True)
class _Asked:
    """The register, looked up for one system on one day; a site asks it for every system."""

    register: Register
    findings: Mapping[str, Finding]
    system: SystemClaims
    day: date

    @cached_property
    def rows(self) -> Mapping[tuple[str, str], list[ControlMapping]]:
        """The rows that speak of each control."""
        rows: dict[tuple[str, str], list[ControlMapping]] = {}
        for row in self.register.mappings:
            rows.setdefault((row.framework, row.control), []).append(row)
        return rows

    @cached_property
    def behind(self) -> Mapping[str, tuple[str, ...]]:
        """The checks that are loaded, by the group or id that a row may name.

        What only a claim answers has none: a check that somebody named so is not asked there.
        """
        loaded: dict[str, tuple[str, ...]] = dict.fromkeys(CLAIMED, ())
        for row in self.register.mappings:
            if row.group not in loaded:
                loaded[row.group] = tuple(filter(row.covers, self.register.check_ids))
        return loaded

    def framework(self, framework: Framework) -> FrameworkAnswer:
        """What is said of one framework."""
        status = framework.status_on(self.day)
        return FrameworkAnswer(
            key=framework.key,
            title=framework.title,
            status=status.status,
            said=status_said(framework, self.day),
            binding=framework.binding,
            historical=status.status == "rescinded",
            superseded_by=framework.superseded_by,
            source=framework.source,
            note=framework.note or "",
            reviewed_on=framework.reviewed_on,
            review_is_old=review_is_old(framework, self.day),
            not_said=framework.not_said(self.system),
            controls=tuple(
                self.control(control, framework)
                for control in self.register.controls_of(framework.key)
                if control.speaks_to(self.system) is not False
            ),
        )

    def control(self, control: Control, framework: Framework) -> ControlAnswer:
        """What is said of one control."""
        rows = self.rows.get((framework.key, control.id), [])
        claims = tuple(_claim(row.group, self.system) for row in rows if row.group in CLAIMED)
        behind = sorted({i for row in rows for i in self.behind[row.group]})
        of = {
            status: tuple(i for i in behind if _read(self.findings.get(i)) == status)
            for status in ("passed", "open", "not asked")
        }
        support, why = _support(rows, of, claims)
        return ControlAnswer(
            control=control.id,
            title=control.title,
            support=support,
            why=why,
            status=_begins(control, framework, self.day),
            certainty="; ".join(dict.fromkeys(row.certainty for row in rows)),
            passed=of["passed"],
            still_open=of["open"],
            not_asked=of["not asked"],
            claims=claims,
            not_said=control.not_said(self.system),
        )


def _support(
    rows: Sequence[ControlMapping],
    of: Mapping[str, tuple[str, ...]],
    claims: Sequence[ClaimAnswer],
) -> tuple[Support, str]:
    """How far the findings support a control, and why not further."""
    if not rows:
        return "not covered", "no check of ours speaks of it"
    strong = [i for i in of["passed"] if any(row.covers(i) and not row.weak for row in rows)]
    missing = [c.claim for c in claims if not c.written]
    if strong and not of["open"] and not claims:
        return "supports", ""
    if of["passed"]:
        return "partly supports", _why_in_part(of, claims, weak=not strong)
    if any(c.written for c in claims):
        return "partly supports", "declared, and no check looks at it"
    if of["open"]:
        return "not covered", "none of the checks behind it passed"
    return "not covered", f"not written: {missing[0]}" if missing else "its checks do not arise"


def _why_in_part(
    of: Mapping[str, tuple[str, ...]], claims: Sequence[ClaimAnswer], *, weak: bool
) -> str:
    if of["open"]:
        asked = len(of["open"]) + len(of["passed"])
        return f"{len(of['passed'])} of {asked} checks behind it passed"
    if weak:
        return "what the checks show is only near to what it asks"
    written = "only declared" if all(c.written for c in claims) else "not written"
    return f"a part of it is {written}: {', '.join(c.claim for c in claims)}"


def _claim(group: str, system: SystemClaims) -> ClaimAnswer:
    claim, written = CLAIMED[group]
    return ClaimAnswer(group=group, claim=claim, written=written(system))


def _read(finding: Finding | None) -> str:
    """A finding as a control reads it; what is waived or switched off is not shown by that.

    A check that is loaded and was not judged is open: nobody knows what it would find.
    """
    if finding is None:
        return "open"
    if finding.status == "not_applicable":
        return "not asked"
    return "passed" if finding.status == "passed" else "open"


def _begins(control: Control, framework: Framework, day: date) -> str:
    """The status of the part that a control begins with; of the whole where it names none."""
    if framework.status_on(day).status == "not_yet":
        return STATUS_WORDS["not_yet"]
    return status_said(framework, day, control.part)

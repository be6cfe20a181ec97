"""What runs out, what did not arrive, and what nobody has taken: by findings, slots and claims."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ops_model.domain.alerts import Concern
from ops_model.domain.assessment import Assessment, Finding
from ops_model.domain.evidence import Statement
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.values import iso_utc
from ops_model.domain.wording import counted
from ops_model.workflow.slots import Standing

_PART_OF_A_LIFE = 4
"""What lives a month is told a week before its end, not two: else it would always be told of."""
NO_REMEDIES: Mapping[str, str] = {}
_CALL_IT = "look at what calls `ops-model run --due`, and call it by hand"
_TAKEN_WITHIN = timedelta(minutes=15)
"""So long somebody may take to write down that a gravest incident is theirs."""


@dataclass(frozen=True)
class Lives:
    """How long what findings rest on counts, and what of it a schedule makes again by itself."""

    statements: Mapping[int, Statement]
    scheduled: frozenset[str]

    @classmethod
    def of(cls, statements: Sequence[Statement], model: OperatingModel) -> "Lives":
        """Of the statements about one system, and the schedules of its workbook."""
        lines = frozenset(line.notebook for line in model.settings.schedules)
        return cls({s.seq: s for s in statements}, lines)

    def renewed_by_itself(self, finding: Finding) -> bool:
        """True where all that it rests on comes from notebooks that run by a schedule.

        When one of those stops, its report is overdue, and that is told.
        """
        rests_on = self._rests_on(finding)
        return bool(rests_on) and all(
            s.origin is not None and s.origin.notebook in self.scheduled for s in rests_on
        )

    def lead(self, finding: Finding, end: datetime, longest: timedelta) -> timedelta:
        """How long before its end somebody is told: a quarter of its life, and no more."""
        begun = [s.as_of for s in self._rests_on(finding) if s.as_of < end]
        if not begun:
            return longest
        return min(longest, (end - max(begun)) / _PART_OF_A_LIFE)

    def _rests_on(self, finding: Finding) -> list[Statement]:
        lines = (place.line for place in finding.looked_at if place.path == "ledger")
        found = (self.statements.get(n) for n in lines if n is not None)
        return [one for one in found if one is not None]


def finding_concerns(
    assessment: Assessment, lives: Lives, *, within: timedelta
) -> Iterator[Concern]:
    """What a pass, a waiver or a switch-off rests on and ends soon, and what has ended.

    Args:
        assessment: the verdict of the instant that judges.
        lives: how long the evidence counts.
        within: how long before its end one is told at most.
    """
    for finding in assessment.findings:
        end = finding.valid_until
        if finding.reason == "expired" and not finding.accepted:
            yield _expired(assessment, finding)
        elif end is not None and finding.carries and not lives.renewed_by_itself(finding):
            left = end - assessment.as_of
            if timedelta() < left <= lives.lead(finding, end, within):
                yield _expiring(assessment, finding, end)


def _expired(assessment: Assessment, finding: Finding) -> Concern:
    return Concern(
        system=assessment.system, kind="expired", about=finding.check, severity="ticket",
        since=assessment.as_of, why=finding.message, remedy=finding.remedy, owner=finding.owner,
        check=finding.check,
    )  # fmt: skip


def _expiring(assessment: Assessment, finding: Finding, end: datetime) -> Concern:
    days = (end - assessment.as_of).total_seconds() / 86400
    what = "Its waiver" if finding.waived else "What it rests on"
    return Concern(
        system=assessment.system, kind="expiring", about=finding.check,
        of=f"{end.astimezone(UTC):%Y-%m-%d}", severity="ticket", since=assessment.as_of,
        why=f"{finding.question} {what} counts until {iso_utc(end)}, {days:.1f} days from now",
        remedy="decide whether the gap is still acceptable, or close it" if finding.waived
        else f"show it again before that: `ops-model checks explain {finding.check}` says how",
        owner=finding.owner, check=finding.check,
    )  # fmt: skip


def overdue_concerns(
    standings: Sequence[Standing], model: OperatingModel, system_id: str,
    *, remedies: Mapping[str, str] = NO_REMEDIES,
) -> Iterator[Concern]:  # fmt: skip
    """Reports that did not arrive by the time that they were due; one for each notebook.

    Args:
        standings: how the slots of the system stand.
        model: the workbook, with its schedules.
        system_id: the system, or `portfolio`.
        remedies: by notebook what is to be done, where it is known why it did not arrive.
    """
    late: dict[str, list[Standing]] = defaultdict(list)
    for one in standings:
        if one.slot.system == system_id and one.state == "overdue":
            late[one.slot.notebook].append(one)
    routes = {line.notebook: line.alert_route for line in model.settings.schedules}
    for notebook, missing in late.items():
        first, last = missing[0], missing[-1]
        many = f"{counted(len(missing), 'report')} of {notebook}"
        yield Concern(
            system=system_id, kind="overdue", about=notebook,
            # An hourly report that stopped is told once a day, not each hour.
            of=f"{last.slot.as_of.astimezone(UTC):%Y-%m-%d}", severity="ticket",
            since=first.due_by, route=routes.get(notebook), owner=_accountable(model, system_id),
            check="EVD-04" if notebook.startswith("07_") and system_id != "portfolio" else None,
            why=f"{many} did not arrive: the first was due by {iso_utc(first.due_by)}",
            remedy=remedies.get(notebook, _CALL_IT),
        )  # fmt: skip


def incident_concerns(system: SystemClaims, *, as_of: datetime) -> Iterator[Concern]:
    """Gravest incidents that are open and that nobody has taken."""
    for incident in system.incidents:
        waited = as_of - incident.detected_at
        if incident.severity != "sev1" or incident.has_reached("acknowledged"):
            continue
        if waited > _TAKEN_WITHIN:
            yield Concern(
                system=system.id, kind="incident", about=incident.id, severity="page",
                since=incident.detected_at, owner=_of(system), check="INC-03",
                why=f"incident {incident.id} (sev1) is open since "
                f"{iso_utc(incident.detected_at)}, and nobody has acknowledged it",
                remedy="take it, and write acknowledged_at into its file",
            )  # fmt: skip


def _accountable(model: OperatingModel, system_id: str) -> str | None:
    system = model.system(system_id)
    return _of(system) if system is not None else None


def _of(system: SystemClaims) -> str | None:
    return system.ownership.accountable if system.ownership is not None else None

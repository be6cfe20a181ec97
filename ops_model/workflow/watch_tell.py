"""Telling people of concerns: once, again when nobody answers, and when it is over.

What is sent of one system with one severity over one route goes into one message, with one code.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.domain.alerts import Alert, AlertSeverity, Concern
from ops_model.domain.evidence import ClaimRef
from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.values import iso_utc
from ops_model.domain.wording import counted
from ops_model.workflow.alert_channels import asked_of, not_taken
from ops_model.workflow.assess import told_by_tool
from ops_model.workflow.concern_news import Before
from ops_model.workflow.ledgers import open_ledger
from ops_model.workflow.watch_code import code_digest
from ops_model.workflow.watch_who import OnDuty, Reached

if TYPE_CHECKING:
    from ops_model.alert import Grave, Message
    from ops_model.workflow.alert_channels import Post

MOST_IN_ONE = 20
"""So many concerns are named in one message; the others come in the next ones."""
_COLOUR: "dict[AlertSeverity, Grave]" = {"page": "failure", "ticket": "warning", "info": "info"}


@dataclass(frozen=True)
class Telling:
    """A workbook, an instant, how alerts are sent, and how codes are made."""

    root: Path
    model: OperatingModel
    post: "Post"
    as_of: datetime
    recorded_at: datetime
    new_code: Callable[[], str]

    def of_system(
        self, system_id: str, concerns: Sequence[Concern], before: Before, *, looked: bool = True
    ) -> tuple[Alert, ...]:
        """Tell what is news of one system, and what is over; what was sent, or tried.

        Args:
            system_id: the system, or `portfolio`.
            concerns: all that stand now, but for ceilings, which are told on their own.
            before: what was told of it until now.
            looked: False where not all of it could be looked at, so that nothing is over.

        Raises:
            LedgerError: the ledger cannot be written.
        """
        over = before.over(concerns) if looked else ()
        if not concerns and not over:
            return ()
        duty = OnDuty.of(self.model, system_id, at=self.as_of)
        sent = [
            self._told(system_id, duty, reached, group, have)
            for reached, have, group in self._grouped(duty, concerns, before)
        ]
        sent += [
            self._said_over(system_id, duty, alert, group)
            for alert, group in _by_alert(over)
        ]  # fmt: skip
        if noted := [alert for alert in sent if not before.has_failed_so(alert)]:
            self._note(noted)
        return tuple(sent)

    def _grouped(
        self, duty: OnDuty, concerns: Sequence[Concern], before: Before
    ) -> Iterator[tuple[Reached, frozenset[str], list[Concern]]]:
        """What is news, by whom it is for and by which of them have it already."""
        again = timedelta(hours=self.model.settings.watch.again_hours)
        groups: dict[tuple[AlertSeverity, str, frozenset[str]], list[tuple[Concern, Reached]]]
        groups = defaultdict(list)
        for concern in concerns:
            reached = duty.reached(concern, self.model.settings.alert_routes)
            parts = asked_of(reached.route, waking=concern.severity == "page")
            asked = {str(part): duty.meant(part) for part in parts}
            if before.is_news(concern, asked, as_of=self.as_of, again=again):
                have = before.have(concern, asked, as_of=self.as_of, again=again)
                groups[concern.severity, reached.route, have].append((concern, reached))
        for (_, _, have), group in groups.items():
            for first in range(0, len(group), MOST_IN_ONE):
                part = group[first : first + MOST_IN_ONE]
                yield (
                    Reached.together([reached for _, reached in part]),
                    have,
                    [c for c, _ in part],
                )

    def _told(
        self, system_id: str, duty: OnDuty, reached: Reached, group: list[Concern],
        have: frozenset[str],
    ) -> Alert:  # fmt: skip
        code = self.new_code()
        post = self.post.when_on_duty(duty.roles)
        outcome = post.over_each(
            reached.route, message_of(system_id, group, reached, code, self.as_of),
            waking=group[0].severity == "page", but=have,
        )  # fmt: skip
        return self._alert(system_id, reached, group, outcome, code)

    def _said_over(
        self, system_id: str, duty: OnDuty, alert: Alert, group: list[Concern]
    ) -> Alert:
        reached = Reached(alert.route, alert.people, "who was told of it")
        outcome = self.post.when_on_duty(duty.roles).over_each(
            alert.route, over_message(system_id, group, self.as_of), waking=False
        )
        return self._alert(system_id, reached, group, outcome, code=None)

    def _alert(
        self, system_id: str, reached: Reached, group: Sequence[Concern],
        outcome: Mapping[str, str], code: str | None,
    ) -> Alert:  # fmt: skip
        taken = tuple(part for part, why in outcome.items() if not why)
        why_not = not_taken(outcome)
        return Alert(
            system=system_id, as_of=self.as_of, claims=self._claims(system_id),
            severity=group[0].severity, concerns=tuple(group), over=code is None,
            route=reached.route, people=reached.people, because=reached.because,
            sent_at=self.as_of, delivered=not why_not, why_not=why_not or None, took=taken,
            code=code_digest(code) if code is not None and taken else None,
        )  # fmt: skip

    def _claims(self, system_id: str) -> tuple[ClaimRef, ...]:
        system = self.model.system(system_id)
        return system.claim_refs("on_call", "signals") if system is not None else ()

    def _note(self, alerts: Sequence[Alert]) -> None:
        with open_ledger(self.root, self.model.settings, create=True) as ledger:
            for alert in alerts:
                ledger.append(told_by_tool(alert, ledger.size(), self.recorded_at))


def message_of(
    system_id: str, group: Sequence[Concern], reached: Reached, code: str, as_of: datetime
) -> "Message":
    """What people read: each concern with what to do, whom it is for, and the code to answer."""
    from ops_model.alert import Message

    first = group[0]
    told = first.why if len(group) == 1 else counted(len(group), "concern")
    lines = [f"{system_id}: {counted(len(group), 'concern')}."]
    lines += [line for concern in group for line in _concern_lines(concern)]
    whom = ", ".join(reached.people) or "whoever reads this channel"
    lines += [
        f"As of {iso_utc(as_of)}, for {whom}: {reached.because}.",
        f"To say that you have it: ops-model watch --ack {code} --as YOU",
    ]
    title = f"{system_id}: {first.severity}: {told}"
    return Message(title, "\n".join(lines), _COLOUR[first.severity])


def over_message(system_id: str, group: Sequence[Concern], as_of: datetime) -> "Message":
    """That some concerns stand no more."""
    from ops_model.alert import Message

    what = [f"{concern.kind} {concern.about}" for concern in group]
    title = f"{system_id}: over: {what[0] if len(what) == 1 else counted(len(what), 'concern')}"
    lines = [*(f"{system_id}: {one} is over." for one in what), f"As of {iso_utc(as_of)}."]
    return Message(title, "\n".join(lines))


def _concern_lines(concern: Concern) -> list[str]:
    judged = f" ({concern.check})" if concern.check else ""
    made_up = "SIMULATED: " if concern.simulated else ""
    head = f"{made_up}{concern.kind} {concern.about}{judged}"
    return [
        f"{head}, since {iso_utc(concern.since)}: {concern.why}",
        f"  to do: {concern.remedy}",
    ]


def _by_alert(over: Sequence[tuple[Alert, Concern]]) -> list[tuple[Alert, list[Concern]]]:
    """By the route that they were told over, with the latest alert over it."""
    groups: dict[str, tuple[Alert, list[Concern]]] = {}
    for alert, concern in over:
        groups.setdefault(alert.route, (alert, []))[1].append(concern)
    return list(groups.values())

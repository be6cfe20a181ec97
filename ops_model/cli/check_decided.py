"""What policy.yaml decides about a system, as `ops-model check` says it: text lines, and keys."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, get_args

if TYPE_CHECKING:
    from ops_model.check.decided import Decided
    from ops_model.domain.people import People


def limits_set(decided: "Decided", people: "People") -> Iterator[str]:
    """One line each for minimum grades, thresholds and rules that are not as they ship."""
    from ops_model.site.decided_rows import Kind, decided_view

    rows = decided_view(decided, people).rows
    for kind in get_args(Kind):
        if told := [row.told for row in rows if row.kind == kind]:
            yield f"Judged by {kind} of policy.yaml: {'; '.join(told)}"


def waivers_told(decided: "Decided", people: "People") -> list[tuple[str, str]]:
    """Each waiver as a head line of ours, and what stands below it in words of the workbook."""
    from ops_model.site.decided_rows import decided_view
    from ops_model.site.prose import plain

    told = []
    for row in decided_view(decided, people).waivers:
        head = f"{row.look.text} {row.check}  from {row.starts} until {row.until}, {row.renewed}"
        lines = [f"does not count: {plain(row.why_not, people)}"] if row.why_not else []
        lines += [
            f"accepted by: {row.who}",
            f"reason: {plain(row.reason, people)}",
            f"meanwhile: {plain(row.control, people)}",
        ]
        told.append((head, "\n".join(lines)))
    return told


def decided_keys(decided: "Decided") -> dict[str, Any]:
    """The keys that scripts rely on; `ships` is what would hold without policy.yaml."""
    return {
        "set_by_policy": {
            "thresholds": [
                {"check": t.check, "name": t.name, "value": t.value, "ships": t.ships}
                for t in decided.thresholds
            ],
            "minimum_grades": [
                {
                    "of": g.of,
                    "checks": list(g.checks),
                    "grade": g.grade,
                    "ships": g.ships,
                    "stricter": g.stricter,
                }
                for g in decided.grades
            ],
            "seats_by_reference": _seats(decided),
            "approved_notebooks": decided.approved,
        },
        "waivers": [
            {
                "check": said.waiver.check_id,
                "counts": not said.why_not,
                "why_not": said.why_not or None,
                "accepted_by": said.waiver.accepted_by,
                "reason": said.waiver.reason,
                "compensating_control": said.waiver.compensating_control,
                "starts": said.waiver.starts.isoformat(),
                "expires": said.waiver.expires.isoformat(),
                "until": said.until.isoformat(),
                "renewals": said.renewals,
                "where": str(said.waiver.where),
            }
            for said in decided.waivers
        ],
    }


def _seats(decided: "Decided") -> dict[str, int] | None:
    seats = decided.seats
    return None if seats is None else {"allowed": seats.allowed, "ships": seats.ships}

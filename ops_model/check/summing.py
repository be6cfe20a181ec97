"""What checks share that sum up the findings of others."""

from collections.abc import Sequence

from ops_model.check.question import CrashedError
from ops_model.domain.assessment import Finding
from ops_model.domain.evidence import Measured
from ops_model.domain.values import Where

_FINDS_DRIFT = frozenset({"DRF-02", "DRF-03", "DRF-04"})


def answers(finding: Finding | None) -> bool:
    """True when a check's finding answers its question.

    Any measured drift counts here: drift that was found is a way to detect drift that works.
    """
    if finding is None:
        return False
    measured = any(place.path == "ledger" for place in finding.looked_at)
    found = finding.check in _FINDS_DRIFT and finding.status == "failed" and measured
    return found or not finding.open


def places_of(findings: Sequence[Finding | None]) -> list[Where]:
    """Everything that these findings looked at, each place once."""
    return list(dict.fromkeys(place for f in findings if f is not None for place in f.looked_at))


def refuse_if_only_crashed(missing: Sequence[Finding | None]) -> None:
    """A gap that only crashed checks leave is a fault of the checks, not one of the system.

    Raises:
        CrashedError: every check that is missing crashed.
    """
    crashed = [f.check for f in missing if f is not None and f.status == "errored"]
    if crashed and len(crashed) == len(missing):
        message = f"rests on {', '.join(crashed)}, which crashed"
        raise CrashedError(message)


def yes_or_no(there: bool) -> Measured:  # noqa: FBT001 - the one thing that it turns into a number
    """A thing that is there or not, as the number that a finding speaks of."""
    return Measured(value=float(there), unit="answered", n=1, no_interval="exact")

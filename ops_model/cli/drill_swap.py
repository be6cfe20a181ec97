"""What `ops-model drill swap` prints, and which exchange it takes."""

from collections.abc import Iterator, Mapping
from typing import Any

from ops_model.domain.operating_model import SystemClaims
from ops_model.errors import UsageError


def whose_model(system: SystemClaims, dependency: str | None) -> str:
    """Whose model is exchanged: of this dependency, or of the first that `change.yaml` plans.

    Raises:
        UsageError: it plans none, or none of this one.
    """
    planned = [plan.dependency for plan in system.change.swaps] if system.change else []
    if not planned:
        raise UsageError(
            "change.yaml plans no exchange of a model, so there is nothing to rehearse",
            where=str(system.change.where if system.change else system.missing_file("change")),
            remedy="write under `swaps` the dependency, the model that is to serve (`to_model`) "
            "and the client that is `rehearsed_on`",
        )
    if dependency not in {None, *planned}:
        raise UsageError(
            f"--dependency names {dependency!r}, of which change.yaml plans no exchange",
            remedy=f"under `swaps` stand: {', '.join(planned)}",
        )
    return dependency or planned[0]


def swap_lines(system: str, answer: Mapping[str, Any], verdict: str) -> Iterator[str]:
    """The exchange in short, by the JSON of the command."""
    seconds = "never" if answer["seconds"] is None else f"{answer['seconds']:.2f} s"
    yield (
        f"{system}: the exchange of {answer['from_model']} for {answer['to_model']} {verdict}; "
        f"decided to healthy: {seconds}"
    )
    back = "yes" if answer["returned"] else "no"
    yield (
        f"  {answer['requests']} requests since it was retired, {answer['lost']} lost, "
        f"{answer['lost_after']} of them after the successor served; {answer['from_model']} "
        f"serves again: {back}"
    )

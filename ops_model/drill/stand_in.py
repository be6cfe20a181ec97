"""The stand-in of a vendor as a drill holds it: start it, let it fail, read what it was asked.

There is nothing to put back after it: it is a process of the drill, and ends with it.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ops_model.drill.targets import Server, TargetError, start_server
from ops_model.errors import DrillError

_COMMAND = ("python", "-P", "-m", "ops_model.drill.vendor")


class StandIn:
    """A started stand-in. `primary` and `backup` are the base URLs that a client is given."""

    def __init__(self, server: Server) -> None:
        self._server = server
        state = self._said(server.get("/"))
        self.primary: str = state["primary"]
        self.backup: str = state["backup"]

    def fail(self, fault: str | None, *, model: str | None = None) -> None:
        """Let the primary fail in this way from now on, or no more.

        Args:
            fault: one of `FAULTS`, or `retired` for a model that is served no more; None ends it.
            model: the model that is retired.

        Raises:
            DrillError: the stand-in does not answer.
        """
        body = {"fault": fault} | ({"model": model} if model else {})
        try:
            self._said(self._server.post("/fault", body))
        except TargetError as error:
            raise _gone(error) from error

    def hits(self) -> Mapping[str, int]:
        """How many completions `primary` and `backup` were asked for until now.

        Raises:
            DrillError: the stand-in does not answer.
        """
        try:
            return dict(self._said(self._server.get("/"))["hits"])
        except TargetError as error:
            raise _gone(error) from error

    def stop(self) -> None:
        """End it."""
        self._server.stop()

    @staticmethod
    def _said(answer: tuple[int, Any]) -> dict[str, Any]:
        status, body = answer
        if status != 200 or not isinstance(body, dict):
            raise TargetError(f"status {status}; expected 200")
        return body


def start_stand_in(
    *, root: Path, drill_id: str, check: Callable[[], None], ports: tuple[int, int] | None = None
) -> StandIn:
    """Start one on free ports of this machine, or on two that a running client knows.

    Raises:
        DrillError: a port is in use.
    """
    at = () if ports is None else ("--ports", str(ports[0]), str(ports[1]))
    try:
        server = start_server((*_COMMAND, *at), root=root, drill_id=drill_id, check=check)
    except DrillError as error:
        if ports is None:
            raise
        raise DrillError(
            f"the vendor's stand-in could not start: {error.problems[0].message}",
            remedy="let nothing else listen on `ports`, or name two others there and in the "
            "client's configuration",
        ) from error
    try:
        return StandIn(server)
    except TargetError as error:
        server.stop()
        raise _gone(error) from error


def _gone(error: TargetError) -> DrillError:
    return DrillError(f"the vendor's stand-in does not answer: {error}", remedy="drill again")

"""Whether the places that a user's own check names are there to be opened.

A pass is worth what was looked at, so a file that nobody read, a line beyond its end or an entry
that the ledger does not hold is no place. What an answer other than a pass misses may be named.
"""

from collections.abc import Mapping

from ops_model.check.context import Context
from ops_model.check.outcome import Outcome
from ops_model.domain.operating_model import AREA_FILES, INCIDENTS_FOLDER
from ops_model.domain.values import NOWHERE, Claim, Where, value_fields

_LEDGER = "ledger"


class Places:
    """What was read of one system and its workbook: each file with its last line, each entry."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        model, self._last = ctx.model, dict[str, int]()
        for read in (
            ctx.system, model.people, model.policy, model.portfolio, model.settings, ctx.register,
        ):  # fmt: skip
            self._note(read)
        self._entries = {statement.seq for statement in ctx.evidence.statements}
        folder = f"systems/{ctx.system.id}"
        self._missing = {f"{folder}/{file}" for file, _ in AREA_FILES.values()} | {
            f"{folder}/{INCIDENTS_FOLDER}", "policy.yaml", "portfolio.yaml",
        }  # fmt: skip

    def not_there(self, outcome: Outcome) -> Where | None:
        """The first place of an outcome that is not there, or None."""
        may_miss = outcome.status != "passed"
        return next(
            (w for w in outcome.looked_at if not self._is_there(w, may_miss=may_miss)), None
        )

    def _is_there(self, where: Where, *, may_miss: bool) -> bool:
        if where.path == _LEDGER:
            return where.line in self._entries
        if where.path in self._last:
            return where.line is None or where.line <= self._last[where.path]
        return may_miss and where.line is None and where.path in self._missing

    def _note(self, read: object) -> None:
        if isinstance(read, Claim):
            # What nobody wrote, such as a default, stands nowhere; the file it would be in may.
            written = (w for w in (read.where, *read.places.values()) if w != NOWHERE)
            for where in written:
                self._last[where.path] = max(self._last.get(where.path, 0), where.line or 0)
            for name in value_fields(type(read)):
                self._note(getattr(read, name))
        elif isinstance(read, Mapping):
            for item in read.values():
                self._note(item)
        elif isinstance(read, tuple):
            for item in read:
                self._note(item)

"""The fill-in notebook's page: an editor over the YAML of one system.

A cell checks and saves one answer and shows a card. Nothing that a person can write wrong ends in
a traceback: the card says what was written, what was expected, and what to do.
"""

from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.errors import OpsModelError, Problem, UsageError
from ops_model.workflow.fill_in_memory import Memory
from ops_model.workflow.fill_in_questions import QUESTIONS
from ops_model.workflow.open import workbook_above
from ops_model.workflow.shown import Shown

if TYPE_CHECKING:
    from ops_model.site.fill_in_card import Standing


def fill_in(system: str) -> "Page":
    """The page of one system, for the notebook in its folder.

    It never raises: a page that cannot be opened says so when it is shown.
    """
    from ops_model.workflow.fill_in_mistakes import show_mistakes_as_cards

    show_mistakes_as_cards(Page)
    try:
        root = workbook_above(Path.cwd())
        if not (root / "systems" / system / "system.yaml").is_file():
            ids = sorted(p.parent.name for p in (root / "systems").glob("*/system.yaml"))
            near = get_close_matches(system, ids, n=1)
            raise UsageError(
                f"there is no system {system!r} in this workbook",
                where="systems/",
                remedy=f"did you mean {near[0]}?" if near else f"it has: {', '.join(ids)}",
            )
    except OpsModelError as error:
        return Page(None, system, error.problems)
    return Page(root, system)


class Page:
    """The questions of one system; `answer` saves one, `gaps` shows what is open."""

    def __init__(self, root: Path | None, system: str, problems: tuple[Problem, ...] = ()) -> None:
        self._root = root
        self._system = system
        self._problems = problems
        self._memory = Memory((root or Path()) / "systems" / system)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """The first card. IPython passes two filters that may be ignored."""
        from ops_model.site.fill_in_card import start_card

        if self._root is None:
            return self._trouble()._repr_mimebundle_()
        count = sum(len(questions) for questions in QUESTIONS.values())
        html = start_card(self._system, count, self._standing(self._root))
        return Shown(None, html)._repr_mimebundle_()

    def answer(self, key: str, value: object, *, filled_from: str = "") -> Shown:
        """Save one answer, or say why not.

        Args:
            key: the file and its key, such as `ownership.accountable`.
            value: a Python value; None leaves an optional key out.
            filled_from: the digest of the value that the cell was filled from.
        """
        from ops_model.site.fill_in_card import Standing, answer_card
        from ops_model.workflow.fill_in_answer import answered

        if self._root is None:
            return self._trouble()
        said = answered(self._root, self._system, self._memory, key, value, filled_from)
        if said.area is None:
            return Shown(None, answer_card(said, Standing()))
        standing = self._standing(self._root, key)
        if said.state == "saved" and any(f.status == "failed" for f in standing.about):
            said = replace(said, state="saved, but")
        return Shown(None, answer_card(said, standing))

    def gaps(self) -> Shown:
        """Every gap that is open, in the order of the areas."""
        from ops_model.site.fill_in_card import gaps_card

        if self._root is None:
            return self._trouble()
        return Shown(None, gaps_card(self._system, self._standing(self._root)))

    def _trouble(self) -> Shown:
        from ops_model.site.fill_in_card import trouble_card

        return Shown(None, trouble_card(f"{self._system} cannot be opened", self._problems))

    def _standing(self, root: Path, key: str = "") -> "Standing":
        # Judging brings the checks along, which opening a page does not need.
        from ops_model.workflow.fill_in_standing import standing_of

        return standing_of(root, self._system, key)

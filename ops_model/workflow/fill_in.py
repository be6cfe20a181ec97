"""The fill-in notebook's page: an editor over the YAML of one system.

A cell checks and saves one answer and shows a card. Nothing that a person can write wrong ends in
a traceback: the card says what was written, what was expected, and what to do.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.domain.evidence import Area
from ops_model.errors import OpsModelError, Problem, UsageError, WorkbookError
from ops_model.workflow.fill_in_questions import MODELS, PARTS, QUESTIONS
from ops_model.workflow.open import (
    WORKBOOK_FILE,
    known_system,
    take_snapshot,
    workbook_above,
)  # fmt: skip
from ops_model.workflow.shown import Shown

if TYPE_CHECKING:
    from ops_model.domain.operating_model import OperatingModel, Snapshot
    from ops_model.site.fill_in_card import Answer, Standing

_AREAS: Mapping[str, Area] = {stem: part.area for part in PARTS for stem in part.stems}
_SHOWN = 400  # characters of a value in a card


def fill_in(system: str) -> "Page":
    """The page of one system, for the notebook in its folder.

    It never raises: a page that cannot be opened says so when it is shown.
    """
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
        self._saved: dict[str, str] = {}

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """The first card. IPython passes two filters that may be ignored."""
        from ops_model.site.fill_in_card import start_card, trouble_card

        if self._root is None:
            html = trouble_card(f"{self._system} cannot be opened", self._problems)
        else:
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

        if self._root is None:
            return self._trouble()
        answered = self._answered(self._root, key, value, filled_from)
        standing = self._standing(self._root) if answered.area is not None else Standing()
        return Shown(None, answer_card(answered, standing))

    def gaps(self) -> Shown:
        """Every gap that is open, in the order of the areas."""
        from ops_model.site.fill_in_card import gaps_card

        if self._root is None:
            return self._trouble()
        return Shown(None, gaps_card(self._system, self._standing(self._root)))

    def _trouble(self) -> Shown:
        from ops_model.site.fill_in_card import trouble_card

        return Shown(None, trouble_card(f"{self._system} cannot be opened", self._problems))

    def _answered(self, root: Path, key: str, value: object, filled_from: str) -> "Answer":
        from ops_model.site.fill_in_card import Answer, Difference
        from ops_model.store.expectation import fields_of
        from ops_model.store.save import read_answer, save_answer
        from ops_model.store.yaml_text import tree_of
        from ops_model.workflow.fill_in_notebook import expected, short_digest

        stem, _, name = str(key).partition(".")
        if name not in QUESTIONS.get(stem, {}):
            return _unknown(str(key))
        annotation = fields_of(MODELS[stem])[name]
        path = f"systems/{self._system}/{stem}.yaml"
        told: dict[str, Any] = {
            "key": key,
            "question": QUESTIONS[stem][name],
            "expected": expected(annotation),
            "area": _AREAS[stem],
            "keys": _keys(annotation),
        }
        try:
            before = short_digest(held := read_answer(root, path, (name,)))
            wanted = tree_of(value)
            if wanted == held:
                return Answer("unchanged", **told)
            if before not in {filled_from, self._saved.get(key)}:
                return Answer(
                    "not saved",
                    **{**told, "expected": "", "keys": ()},
                    problems=(_newer(self._system),),
                    difference=Difference(_short(value), _short(held)),
                )
            saved = save_answer(root, path, (name,), value, model=MODELS[stem])
        except WorkbookError as error:
            return Answer("not saved", **told, wrote=_short(value), problems=error.problems)
        except TypeError as error:
            problem = Problem(f"{key} {error}", "", "write it as text in quotes, or a list of it")
            return Answer("not saved", **told, wrote=_short(value), problems=(problem,))
        self._saved[key] = short_digest(saved.after)
        return Answer("saved" if saved.changed else "unchanged", **told)

    def _standing(self, root: Path) -> "Standing":
        from ops_model.site.fill_in_card import Standing
        from ops_model.store.workbook import read_workbook
        from ops_model.workflow.assess import assess_snapshot

        try:
            model = read_workbook(root)
            snapshot = self._snapshot(root, model)
            assessment = assess_snapshot(snapshot)
        except OpsModelError as error:
            return Standing(broken=error.problems)
        return Standing(
            people=snapshot.people, findings=assessment.blocking, verdict=assessment.verdict
        )

    def _snapshot(self, root: Path, model: "OperatingModel") -> "Snapshot":
        known_system(model, self._system)
        instant = model.settings.as_of or self._last_change(root, model.settings.ledger)
        path = root / model.settings.ledger
        if not path.is_file():
            return take_snapshot(root, model, self._system, as_of=instant, ledger=None)
        from ops_model.store.ledger import Ledger

        with Ledger.open(path, readonly=True) as ledger:
            return take_snapshot(root, model, self._system, as_of=instant, ledger=ledger)

    def _last_change(self, root: Path, ledger: str) -> datetime:
        """When the claims or the evidence changed last: no clock, and the same card each time."""
        files = [
            *(root / "systems" / self._system).rglob("*.yaml"),
            *(root / name for name in (WORKBOOK_FILE, "people.yaml", "policy.yaml", ledger)),
        ]
        latest = max(file.stat().st_mtime for file in files if file.is_file())
        return datetime.fromtimestamp(int(latest) + 1, UTC)


def _unknown(key: str) -> "Answer":
    from ops_model.site.fill_in_card import Answer

    known = [f"{stem}.{name}" for stem, names in QUESTIONS.items() for name in names]
    near = get_close_matches(key, known, n=1)
    stem = key.partition(".")[0]
    mine = [name for name in known if name.startswith(f"{stem}.")] or [f"{s}...." for s in MODELS]
    problem = Problem(
        f"{key} is no question; expected one of {', '.join(mine)}",
        "",
        f"did you mean {near[0]}?" if near else "copy the key from the notebook as it was written",
    )
    return Answer("not saved", key, key, problems=(problem,))


def _newer(system: str) -> Problem:
    return Problem(
        "The file was changed since this cell was filled in; nothing was saved.",
        "",
        "copy the newer value into the cell if it is right; or run "
        f"`ops-model new {system} --refresh` and open the notebook again",
    )


def _short(value: object) -> str:
    from ops_model.notebook.fill_in import layout

    text = layout(value, 0)
    return f"{text[:_SHOWN]}..." if len(text) > _SHOWN else text


def _keys(annotation: object) -> tuple[tuple[str, str, str], ...]:
    """The keys of a nested object: name, whether it is needed, what may stand there."""
    from ops_model.domain.values import Money
    from ops_model.store.expectation import below, fields_of, model_of
    from ops_model.workflow.fill_in_notebook import expected

    model = model_of(annotation) or model_of(below(annotation, 0))
    if model is None or model is Money:
        return ()
    return tuple(
        (name, "needed" if model.model_fields[name].is_required() else "", expected(inner))
        for name, inner in fields_of(model).items()
    )

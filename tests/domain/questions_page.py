"""Writes `docs/questions.md`: `python -m tests.domain.questions_page`, from the folder above.

The page is made of the resolvers and the shipped scenarios, and a test holds it to them.
"""

import inspect
from pathlib import Path

from ops_model.domain.resolvers import RESOLVERS
from ops_model.store.scenarios import shipped_scenarios

PAGE = Path(__file__).resolve().parents[2] / "docs" / "questions.md"
_HEAD = """\
# What may answer a question of a game day

A question of a scenario names a resolver, and the resolver answers it from the claims and the
evidence of one system, at the instant of the game day. It makes nothing up: where nothing answers,
it says what is missing and names the check that finds the gap. Where a question does not arise, as
that of a vendor for a system without one, it says why.

A scenario is a file `scenarios/<id>.yaml` of the workbook. Its questions are written so:

```yaml
questions:
  - {minute: 12, ask: "Who goes back, without asking anybody?", resolver: rolls-back-alone}
```

| resolver | what it answers | asked in |
|---|---|---|
"""


def page() -> str:
    """The page as it has to be."""
    asked: dict[str, list[str]] = {}
    for scenario in shipped_scenarios():
        for question in scenario.questions:
            asked.setdefault(question.resolver, []).append(scenario.id)
    rows = [
        f"| `{name}` | {_first_line(resolve)} | {', '.join(asked.get(name, []))} |\n"
        for name, resolve in sorted(RESOLVERS.items())
    ]
    return _HEAD + "".join(rows)


def _first_line(resolve: object) -> str:
    return (inspect.getdoc(resolve) or "").splitlines()[0]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

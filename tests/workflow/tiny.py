"""The smallest workbook that a notebook can run in, and the notebooks that run in it."""

from tests.notebook.builders import a_notebook

SYSTEM = """name: Flight delay
kind: predictive
tier: B
purpose: says which flights will be late
users: dispatchers
customer_facing: false
version: {label: v2, model_ref: v2.json, in_production_since: 2013-03-01T00:00:00Z}
"""
COST = """currency: USD
logs: [{id: usage, unit: hours, address: data/usage.csv}]
"""
OPEN = """from ops_model import workflow
book = workflow.open(system=system, as_of=as_of)"""
SPEND = """
from ops_model.domain.spend import SpendMeasurement
from ops_model.domain.evidence import Measured
from ops_model.store.identity import identify
from ops_model.workflow.shown import Shown
cost = Measured(value=1.5, unit="USD", n=3, no_interval="exact")
spend = SpendMeasurement(
    system=system, as_of=as_of, currency="USD", total=cost, today=cost, last_full_day=cost,
    data_age_hours=Measured(value=2.0, unit="h", n=1, no_interval="exact"), unpriced_rows=0,
    price_source="cost.yaml", days=(), claims=book.system.claim_refs("cost"),
    inputs=(identify(book.root, address),))
Shown(spend, "<p>spend</p>")
"""
"""Emits a spend record that rests on the input `address`, which a cell before it sets."""


def a_workbook(root):
    """Write a workbook with one system, one usage log and four notebooks; return its folder."""
    files = {
        "ops-model.yaml": "name: Test\nzone: UTC\nas_of: 2013-07-22T08:00:00Z\n",
        "people.yaml": "people:\n- {id: m-ito, name: Mika Ito, function: platform, zone: UTC,"
        " active_from: 2012-01-01}\n",
        "systems/flight-delay/system.yaml": SYSTEM,
        "systems/flight-delay/cost.yaml": COST,
        "data/usage.csv": "timestamp,hours\n2013-07-01,3\n",
        "data/other.csv": "timestamp,hours\n2013-07-01,3\n",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    notebooks = root / "notebooks"
    notebooks.mkdir()
    declared = 'address = "data/usage.csv"'
    a_notebook(notebooks / "good.ipynb", OPEN, declared, SPEND)
    a_notebook(notebooks / "bad.ipynb", OPEN, "1 / 0", SPEND)
    a_notebook(notebooks / "undeclared.ipynb", OPEN, 'address = "data/other.csv"', SPEND)
    change = "(book.root / address).write_text('changed')"
    a_notebook(notebooks / "changing.ipynb", OPEN, declared, SPEND, change)
    return root


def add_second_system(root):
    """A second system that has no cost.yaml, so that its notebook `good` fails."""
    folder = root / "systems" / "support-assistant"
    folder.mkdir()
    (folder / "system.yaml").write_text(SYSTEM, encoding="utf-8")

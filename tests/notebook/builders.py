"""Tiny notebooks, made where a test needs them, and the smallest snapshot of a system."""

from datetime import UTC, datetime

import nbformat

from ops_model.domain.operating_model import Snapshot, SystemClaims
from ops_model.domain.people import People
from ops_model.domain.policy import Policy
from ops_model.domain.system import AISystem, VersionTuple
from ops_model.domain.workbook import WorkbookSettings
from ops_model.notebook.spec import RunSpec
from ops_model.shipped import notebook_digest

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
PARAMETERS = 'system: str = "none"  # the system\nas_of: str = ""  # the instant that judges'
# A record without any drill or data behind it: the smallest spend that a cell can carry.
RECORD = """
from ops_model.domain.spend import SpendMeasurement
from ops_model.domain.evidence import Measured
from ops_model.workflow.shown import Shown
cost = Measured(value=1.5, unit="USD", n=3, no_interval="exact")
spend = SpendMeasurement(
    system=system, as_of=as_of, currency="USD", total=cost, today=cost, last_full_day=cost,
    data_age_hours=Measured(value=2.0, unit="h", n=1, no_interval="exact"), unpriced_rows=0,
    price_source="cost.yaml", days=())
Shown(spend, "<p>spend</p>")
"""


def a_system(system_id="flight-delay", **areas):
    version = VersionTuple(
        label="v2", model_ref="v2.json", in_production_since="2013-03-01T00:00:00Z"
    )
    identity = AISystem(
        name="Flight delay", kind="predictive", tier="B", purpose="says which flights are late",
        users="dispatchers", customer_facing="false", version=version,
    )  # fmt: skip
    return SystemClaims(id=system_id, identity=identity, **areas)


def a_snapshot(**changes):
    given = {
        "workbook": "/nowhere", "system": a_system(), "people": People(people=()),
        "policy": Policy(), "settings": WorkbookSettings(name="test", zone="UTC"),
        "as_of": AS_OF, "ledger_size": 0,
    }  # fmt: skip
    return Snapshot(**{**given, **changes})


def a_notebook(path, *cells, parameters=PARAMETERS, tags=None):
    """Write a notebook: a parameters cell (unless None), then `cells`; `tags` by cell number."""
    notebook = nbformat.v4.new_notebook()
    sources = [*([parameters] if parameters is not None else []), *cells]
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    if parameters is not None:
        notebook.cells[0].metadata["tags"] = ["parameters"]
    for number, names in (tags or {}).items():
        notebook.cells[number].metadata["tags"] = names
    nbformat.write(notebook, path)
    return path


def make_spec(folder, *cells, tags=None, **changes):
    """The spec of a run, in `folder`, of a notebook that consists of these cells."""
    path = a_notebook(folder / "tiny.ipynb", *cells, tags=tags)
    staging = folder / "staging"
    staging.mkdir()
    given = {
        "run_id": "run-1", "system": "flight-delay", "notebook": "tiny",
        "notebook_path": str(path), "notebook_digest": notebook_digest(path),
        "parameters": {"system": "flight-delay", "as_of": "2013-07-22T08:00:00Z"},
        "snapshot": a_snapshot(), "staging": str(staging),
        "cell_seconds": 60, "run_seconds": 120,
    }  # fmt: skip
    return RunSpec(**{**given, **changes})

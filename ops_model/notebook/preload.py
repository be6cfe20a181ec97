"""What kernels find imported already, and touched once so that it is not lazy any more.

Only what an installation brings: packages, and this one, whose files the key holds. Never what is
the user's own, never a connection to a database, never a thread. Named as text, since the floors
of the package forbid this one to know them and it uses none of them.
"""

import importlib
import pkgutil
import sys
import warnings
from contextlib import suppress
from typing import Any

_KERNEL = (
    "ops_model.notebook.kernel_app", "IPython.core.completer", "IPython.core.magics",
    "IPython.extensions.storemagic", "ipykernel.datapub", "ipykernel.pylab.backend_inline",
    "IPython.core.completerlib", "IPython.core.logger", "IPython.core.oinspect",
    "pdb", "IPython.core.debugger", "IPython.lib.pretty", "jedi", "sqlite3", "resource",
    "tornado.platform.asyncio", "tornado.queues", "encodings.ascii", "faulthandler", "runpy",
    "psutil",
)  # fmt: skip
_LIBRARIES = (
    "numpy", "numpy.random", "pandas", "pyarrow", "pyarrow.parquet", "pyarrow.dataset",
    "scipy.stats", "scipy.special", "scipy.optimize", "duckdb", "ibis", "ibis.backends.duckdb",
    "ibis.backends.duckdb.converter", "ibis.formats.pandas", "tzdata",
    "ibis.expr.operations", "sqlglot.dialects.duckdb", "plotly.graph_objects", "plotly.io",
    "jinja2", "yaml", "ruamel.yaml", "rfc8785", "icalendar", "recurring_ical_events",
    "cryptography.hazmat.primitives.asymmetric.ed25519", "genai_prices", "cronsim", "zoneinfo",
    "html", "statistics", "concurrent.futures", "multiprocessing",
)  # fmt: skip
_CONTRACTS = (
    "great_expectations", "great_expectations.expectations", "great_expectations.core.batch",
)  # fmt: skip
_OURS = ("ops_model.domain", "ops_model.store", "ops_model.analysis", "ops_model.check",
         "ops_model.drill", "ops_model.site", "ops_model.workflow")  # fmt: skip


def preload(*, contracts: bool) -> None:
    """Import all of it, and take the first steps of what is slow the first time.

    Args:
        contracts: that of data contracts too, which takes nearly as long as all the rest.
    """
    libraries = (*_LIBRARIES, *_CONTRACTS) if contracts else _LIBRARIES
    steps = (_tables, _figures, _queries, *([_expectations] if contracts else []), _zones)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a kernel of its own would show none of them either
        _no_monitor()
        for name in (*_KERNEL, *libraries):
            _imported(name)
        for name in _OURS:
            _imported_whole(name)
        for step in steps:
            with suppress(Exception):  # a library changed: it is slower the first time, no more
                step()


def _imported(name: str) -> None:
    with suppress(ImportError):  # an extra that is not installed
        importlib.import_module(name)


def _imported_whole(package: str) -> None:
    _imported(package)
    for module in pkgutil.iter_modules(sys.modules[package].__path__, f"{package}."):
        _imported(module.name)


def _no_monitor() -> None:
    """Keep tqdm from starting the thread that watches its progress bars."""
    with suppress(ImportError):
        tqdm: Any = importlib.import_module("tqdm")
        tqdm.tqdm.monitor_interval = 0


def _named(module: str) -> Any:  # noqa: ANN401 - whatever the library is
    return importlib.import_module(module)


def _tables() -> None:
    frame = _named("pandas").DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    frame.describe().to_html()
    frame.groupby("b").sum()
    _named("pyarrow").Table.from_pandas(frame).to_pandas()


def _figures() -> None:
    graph = _named("plotly.graph_objects")
    figure = graph.Figure([graph.Scatter(x=[1, 2], y=[1, 2]), graph.Bar(x=[1], y=[1])])
    figure.update_layout(template="plotly_white", title="t").to_json()


def _queries() -> None:
    """Expressions are written as SQL without a connection, which a fork must not share."""
    ibis = _named("ibis")
    _ = ibis.duckdb  # found among the installed backends at the first question
    table = ibis.table({"a": "int64", "b": "timestamp('UTC')", "c": "string"}, name="t")
    some = table.filter((table.a > 1) & table.b.notnull())
    per = some.group_by(some.b.truncate("D").name("d")).agg(n=some.count(), m=some.a.mean())
    ibis.to_sql(per.order_by("d").limit(1), dialect="duckdb")


def _zones() -> None:
    _named("ops_model.domain.scalars").zone_names()


def _expectations() -> None:
    library = _named("great_expectations")
    context = library.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    batch = (
        context.data_sources.add_pandas("p").add_dataframe_asset("a")
        .add_batch_definition_whole_dataframe("b")
    )  # fmt: skip
    frame = _named("pandas").DataFrame({"a": [1.0, 2.0]})
    expected = _named("great_expectations.expectations").ExpectColumnValuesToNotBeNull(column="a")
    batch.get_batch({"dataframe": frame}).validate(expected)

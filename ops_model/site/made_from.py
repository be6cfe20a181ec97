"""What each page is made from, as a digest: with an equal one, a page has equal bytes.

Whatever a page may show is part of it: the claims, the verdict and the entries of its system, what
all pages share, and the program itself with its templates. So a page that is there already need
not be written again, and none is kept that would read otherwise today.
"""

import hashlib
import json
import platform
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from functools import cache, cached_property, lru_cache
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from types import NoneType

from pydantic import BaseModel

from ops_model.shipped import shipped
from ops_model.site.simulated import made_up_among, simulated_parts
from ops_model.site.site_input import (
    GradedStatement,
    SiteInput,
    SiteRun,
    SiteRuns,
    SiteSystem,
)

_OF_ONE = frozenset({"systems", "together", "portfolio", "due", "broken"})
"""What differs between systems, or is on pages that are always written; all else is shared."""
_ON_RUNS = frozenset({"settings", "people", "tool_version"})
"""Of what is shared, that which pages of runs show: a run is as it is, whenever one looks."""
_SAID_AS_THEY_ARE = frozenset({str, int, float, bool, NoneType, datetime})
"""Most of what a page shows, and quickly told from what is made of parts."""
_DRAWN_BY = ("jinja2", "mistune", "nbconvert", "nh3", "plotly", "pydantic", "pygments")


class MadeFrom:
    """The digests of a site's pages."""

    def __init__(self, pages: SiteInput) -> None:
        self._pages = pages
        # By the number of an object that `pages` holds, so none of them ends meanwhile.
        self._known: dict[int, str] = {}

    def of_system(self, system: SiteSystem) -> str:
        """Of every page of a system but those of its runs."""
        rest = _told(replace(system, statements=(), runs=()))
        told = [self._once(system.statements), self._once(system.runs)]
        return _digest(self._shared, rest, told, _told(self._pages.due.get(system.claims.id)))

    def of_unread(self, system_id: str) -> str:
        """Of the pages of a system that could not be read."""
        return _digest(self._shared, system_id, _told(self._pages.broken[system_id]))

    def of_run(
        self, ran: SiteRuns, run: SiteRun, system: SiteSystem | None, *, shown: bool
    ) -> str:
        """Of the page of a run; `shown` where its notebook stands on it."""
        about = self._of_all(ran) if system is None else self._about(system)
        notebook = run.seen() if shown else None
        compared = ran.reproduction_by(run.run_id)
        told = (
            self._once([run]),
            self._once(ran.of_run(run.run_id)),
            self._once([compared] if compared is not None else []),
        )
        return _digest(self._with_runs, about, told, notebook)

    def _once(self, values: Iterable[GradedStatement | SiteRun]) -> list[str]:
        """What each of them says, put together once for its system and for its run."""
        told = []
        for value in values:
            if id(value) not in self._known:
                self._known[id(value)] = _told(value)
            told.append(self._known[id(value)])
        return told

    @cached_property
    def _shared(self) -> str:
        names = [f.name for f in fields(self._pages) if f.name not in _OF_ONE]
        return _digest(program(), *(_told(getattr(self._pages, name)) for name in names))

    @cached_property
    def _with_runs(self) -> str:
        told = [_told(getattr(self._pages, name)) for name in sorted(_ON_RUNS)]
        return _digest(program(), *told)

    def _about(self, system: SiteSystem) -> str:
        """The claims of a system, where each check is answered and what of it is made up.

        Put together once for all of its runs.
        """
        if system.claims.id not in self._told_about:
            answered = sorted((f.check, f.area) for f in system.assessment.findings)
            made_up = simulated_parts(system)
            self._told_about[system.claims.id] = _digest(_told(system.claims), answered, made_up)
        return self._told_about[system.claims.id]

    def _of_all(self, ran: SiteRuns) -> tuple[str, str, str]:
        return ran.id, ran.name, self._made_up

    @cached_property
    def _made_up(self) -> str:
        return _told(made_up_among(self._pages))

    @cached_property
    def _told_about(self) -> dict[str, str]:
        return {}


@lru_cache(maxsize=1)
def program() -> str:
    """The digest of this program, its templates, and of what it draws with.

    Whoever changes a file of it, or what is installed, gets every page anew.
    """
    package = Path(__file__).resolve().parents[1]
    files = [*sorted(package.rglob("*.py")), *sorted((shipped("templates") / "site").iterdir())]
    told = hashlib.sha256(platform.python_version().encode())
    for name in _DRAWN_BY:
        told.update(f"{name} {version(name)}\n".encode())
    for file in files:
        told.update(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return told.hexdigest()


def _digest(*told: object) -> str:
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _told(value: object) -> str:
    return "\n".join(_lines(value))


def _lines(value: object) -> Iterator[str]:
    """Everything that a value says, so that different values give different lines.

    Of a claim no line of its file: a page shows those that a finding names, and no other.
    """
    kind: type = type(value)
    if kind in _SAID_AS_THEY_ARE:
        yield repr(value)
    elif isinstance(value, GradedStatement):
        # The digest tells the record; the commitment, whether the words of one are there.
        yield value.statement.model_dump_json(exclude={"record"})
        yield value.grade.value
    elif isinstance(value, BaseModel):
        yield kind.__name__
        # Findings that another process sent are bytes until somebody asks, and no JSON of a kind.
        yield value.model_dump_json(serialize_as_any=True, fallback=tuple)
    elif isinstance(value, Mapping | tuple | list | set | frozenset):
        yield f"{kind.__name__} of {len(value)}"
        for part in _parts(value):
            yield from _lines(part)
    elif is_dataclass(value):
        yield kind.__name__
        for name in _compared(kind):
            yield from _lines(getattr(value, name))
    else:
        yield repr(value)


@cache
def _compared(cls: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cls) if field.compare)


def _parts(value: Mapping[object, object] | Collection[object]) -> Iterable[object]:
    """What a collection holds, in an order that hangs on the content alone."""
    if isinstance(value, Mapping):
        return chain.from_iterable(value.items())
    return sorted(value, key=repr) if isinstance(value, set | frozenset) else value

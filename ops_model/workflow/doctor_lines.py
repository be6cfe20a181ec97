"""One line of what `ops-model doctor` found, and looking without falling over."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ops_model.errors import OpsModelError

State = Literal["ok", "absent", "warning", "problem"]
"""`absent` is what is not set up, and what nothing that is set up asks for."""
_SHOWN = 3
Part = Literal["machine", "packages", "workbook", "routes", "schedules"]


@dataclass(frozen=True)
class Line:
    """What was looked at and what was found; a warning and a problem say what to do."""

    part: Part
    name: str
    state: State
    said: str
    remedy: str = ""


def some(names: Sequence[str]) -> str:
    """The first of many, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"


def looked(part: Part, name: str, look: Callable[[], Iterable[Line]]) -> Iterator[Line]:
    """The lines of one look; whatever stops it is a line too, so that the others still speak."""
    try:
        yield from look()
    except OpsModelError as error:
        for problem in error.problems:
            place = f"{problem.where}: " if problem.where else ""
            yield Line(part, name, "problem", place + problem.message, problem.remedy)
    except OSError as error:
        said = f"the machine refused: {error.strerror or error}"
        yield Line(part, name, "problem", said, "let this user read and write there")
    except Exception as error:  # noqa: BLE001 - whoever asks what is wrong is told, not left alone
        said = f"this could not be looked at ({type(error).__name__})"
        yield Line(part, name, "problem", said, "see that ops-model is installed whole")

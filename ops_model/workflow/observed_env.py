"""What a look at an environment has found so far, and what became of it."""

from dataclasses import dataclass, field
from typing import Any

from ops_model.domain.evidence import InputIdentity
from ops_model.domain.trials import EnvironmentRecord


@dataclass
class Seen:
    """What was seen so far: fields of the record, where they came from, and what to tell."""

    fields: dict[str, Any] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    inputs: list[InputIdentity] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def note(self, source: str, **fields: object) -> None:
        """Some fields, and where they came from."""
        self.fields.update(fields)
        self.sources.append(source)


@dataclass(frozen=True)
class Observed:
    """The record as it was noted; `told` is for the terminal of whoever asked, and not kept."""

    record: EnvironmentRecord
    told: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        """False where tests did not pass, or a second build came out otherwise or not at all."""
        return self.record.ci_passed is not False and self.record.rebuilt_alike is not False

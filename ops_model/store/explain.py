"""What the schema refused, as problems that a person can act on: place, got, expected, remedy."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ops_model.domain.jurisdictions import Jurisdiction, code_like
from ops_model.domain.scalars import (
    AwareTime,
    CivilTime,
    Flag,
    Route,
    Score,
    ScoreSize,
    Share,
    Slug,
    ZoneName,
    zone_names,
)  # fmt: skip
from ops_model.domain.texts import SECRET, masked, without_credentials
from ops_model.domain.values import Located, Money, Value, Where
from ops_model.errors import Problem
from ops_model.store.expectation import (
    YAML,
    Voice,
    alternatives,
    below,
    choices,
    describe,
    key_type,
    model_of,
    optional,
    plain,
    sample,
)  # fmt: skip
from ops_model.store.yaml_nodes import shown

_YES = frozenset({"yes", "y", "on", "1"})
_NO = frozenset({"no", "n", "off", "0"})
_KEPT = 200  # characters of a text that a remedy repeats


def explain(
    error: ValidationError, root: Located, model: type[Value], voice: Voice = YAML
) -> list[Problem]:
    """One problem for each place that is wrong.

    Args:
        error: what the schema refused.
        root: what was read.
        model: what it claims to be.
        voice: to whom it is said, somebody who writes YAML or Python.
    """
    found: dict[tuple[str, str], Problem] = {}
    for detail in error.errors(include_url=False):
        refused = _find(detail["loc"], root, model)
        if _counted_what_holds(refused, detail):
            continue
        refused.voice = voice
        message, remedy = _SPEAKERS.get(detail["type"], _wrong_value)(refused, detail)
        # The members of a union are refused one by one, for one place.
        found.setdefault(
            (str(refused.where), message), Problem(message, str(refused.where), remedy)
        )
    return list(found.values())


def nearest(name: str, known: Sequence[str], *, cutoff: float = 0.6) -> str:
    """The known name that is most like `name`, capitals aside, or an empty text."""
    by_lower = {known_name.lower(): known_name for known_name in known}
    close = get_close_matches(name[:100].lower(), list(by_lower), n=1, cutoff=cutoff)
    return by_lower[close[0]] if close else ""


def path_of(steps: Sequence[str | int]) -> str:
    """A path such as `objectives[0].target`."""
    path = ""
    for step in steps:
        path += (
            f"[{step}]" if isinstance(step, int) else f".{shown(step)}" if path else shown(step)
        )
    return path


@dataclass
class _Refused:
    """The place that was refused, found again in the tree that was read and in the schema."""

    node: object
    annotation: object
    where: Where
    parent: object = None
    steps: tuple[str | int, ...] = ()
    voice: Voice = YAML

    @property
    def path(self) -> str:
        return path_of(self.steps) or "the file"

    @property
    def shown(self) -> str:
        if isinstance(self.node, dict):
            return self.voice.mapping
        return masked(self.node) if self._is_route else shown(self.node)

    @property
    def _is_route(self) -> bool:
        # Where the name of a route belongs, what was written may be an address with a token.
        return isinstance(self.node, str) and Route in alternatives(self.annotation)

    @property
    def expected(self) -> str:
        return describe(self.annotation, self.voice)


def _find(loc: Sequence[str | int], root: Located, model: type[Value]) -> _Refused:
    found = _Refused(root, model, root.where)
    near, dotted = root, ""
    for step in loc:
        # What the reader did not see is no place: a missing key, or the name of a union's member.
        if not _holds(found.node, step):
            break
        found.parent = found.annotation
        found.node = found.node[step]  # type: ignore[index]  # _holds looked
        found.annotation = below(found.annotation, step)
        found.steps += (step,)
        dotted = f"{dotted}.{step}" if dotted else str(step)
        found.where = near.places.get(dotted, found.where)
        if isinstance(found.node, Located):
            near, dotted = found.node, ""
    return found


def _holds(node: object, step: str | int) -> bool:
    if isinstance(node, dict):
        return step in node
    return isinstance(node, list) and isinstance(step, int) and step < len(node)


def _missing(refused: _Refused, detail: ErrorDetails) -> tuple[str, str]:
    key = str(detail["loc"][-1])
    path = path_of([*refused.steps, key])
    inner = below(refused.annotation, key)
    message = f"{path} is missing; expected {describe(inner, refused.voice)}"
    if refused.voice is YAML:
        return message, f"write `{key}:` here"
    if refused.steps:
        return message, f'put `"{key}": {sample(inner)}` into the dict'
    return message, f"it cannot be left out; write `{sample(inner)}`"


def _unknown_key(refused: _Refused, _: ErrorDetails) -> tuple[str, str]:
    key = str(refused.steps[-1])
    model = model_of(refused.parent)
    fields = model.model_fields if model is not None else {}
    known = [info.alias or name for name, info in fields.items()]
    close = nearest(key, known)
    message = f"{refused.path} is an unknown key; expected {', '.join(known)}"
    return message, _did_you_mean(refused, close) or "remove it"


def _did_you_mean(refused: _Refused, close: str) -> str:
    return f"did you mean {refused.voice.text(close)}?" if close else ""


def _said_by_the_domain(refused: _Refused, detail: ErrorDetails) -> tuple[str, str]:
    said = detail["msg"].removeprefix("Value error, ")
    if said.startswith("expected"):
        if any(option in refused.voice.named for option in alternatives(refused.annotation)):
            said = said if refused.voice is YAML else f"expected {refused.expected}"
        return f"{refused.path} is {refused.shown}; {said}", _remedy(refused)
    if said.startswith("is "):
        return f"{refused.path}: {refused.shown} {said}", _remedy(refused)
    if not isinstance(refused.node, dict):
        return f"{refused.path}: {said}", _remedy(refused)
    first = said.split(maxsplit=1)[0]
    if isinstance(refused.node, Located):
        refused.where = refused.node.places.get(first, refused.where)
    return f"{refused.path}: {said}", _correct(refused, first)


def _correct(refused: _Refused, key: str) -> str:
    """What to do about a mapping: its key that the domain spoke of, with an example of it."""
    model = model_of(refused.annotation)
    fields = model.model_fields if model is not None else {}
    field = next((f for name, f in fields.items() if key in {name, f.alias}), None)
    if field is None:
        return f"correct {refused.path}"
    such = f", such as {refused.voice.text(field.examples[0])}" if field.examples else ""
    return f"correct `{key}`{such}"


def _wrong_value(refused: _Refused, detail: ErrorDetails) -> tuple[str, str]:
    if detail["loc"][-1:] == ("[key]",):
        keys = key_type(refused.parent)
        close = nearest(str(refused.steps[-1]), choices(keys))
        named = describe(keys, refused.voice)
        message = f"{refused.path} is an unknown name; expected {named}"
        return message, _did_you_mean(refused, close) or f"write {named}"
    return f"{refused.path} is {refused.shown}; expected {refused.expected}", _remedy(refused)


def _counted_what_holds(refused: _Refused, detail: ErrorDetails) -> bool:
    """True where a list is long enough as written; pydantic leaves out the items it refused."""
    written = refused.node
    return (
        detail["type"] == "too_short"
        and isinstance(written, list)
        and len(written) >= detail["ctx"]["min_length"]
    )


def _too_few(refused: _Refused, detail: ErrorDetails) -> tuple[str, str]:
    needed, got = detail["ctx"]["min_length"], detail["ctx"]["actual_length"]
    return f"{refused.path} holds {got} items; expected at least {needed}", "add an item"


def _secret(refused: _Refused, detail: ErrorDetails) -> tuple[str, str]:
    got = f"{refused.path} is {masked(refused.node)}"
    if Route in alternatives(refused.annotation):
        # Its first half, a text, may have been what refused it; what belongs there is the same.
        return (
            f"{got}; expected {refused.expected}; addresses and tokens stand in the environment",
            "write the name alone, and keep where it leads out of the workbook",
        )
    return f"{got}; {detail['msg']}", "write the address without user and password"


_SPEAKERS: Mapping[str, Callable[[_Refused, ErrorDetails], tuple[str, str]]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "too_short": _too_few,
    "value_error": _said_by_the_domain,
    SECRET: _secret,
}


def _remedy(refused: _Refused) -> str:
    if refused.node is None:
        fill = f"write what {refused.path} is"
        return f"{fill}, or remove the line" if optional(refused.annotation) else fill
    if isinstance(refused.node, str) and (remedy := _remedy_of_text(refused, refused.node)):
        return remedy
    if refused.voice is YAML:
        return f"write {refused.expected}"
    return f"write `{_sample_with(refused)}`"


def _remedy_of_text(refused: _Refused, got: str) -> str:
    words = choices(refused.annotation)
    if words and (close := nearest(got, words)):
        return _did_you_mean(refused, close)
    for option in alternatives(refused.annotation):
        for known, hint in _HINTS:
            if option == known and (remedy := hint(got, refused.voice)):
                return remedy
    return ""


def _sample_with(refused: _Refused) -> str:
    """A literal to begin with; one text where a list of texts belongs is kept as its first."""
    for option in alternatives(refused.annotation):
        inner, _ = plain(option)
        if isinstance(refused.node, str) and get_origin(inner) is tuple:
            item = get_args(inner)[0]
            if sample(item).startswith('"') and len(refused.node) <= _KEPT:
                return f"[{json.dumps(without_credentials(refused.node), ensure_ascii=False)}]"
    return sample(refused.annotation)


def _share_hint(got: str, _: Voice) -> str:
    number = re.fullmatch(r"\s*(\d{1,3}(?:\.\d{1,12})?)\s*(%?)\s*", got)
    if number is None or Decimal(number[1]) > 100:
        return ""
    # Who writes 99.5 means percent; 1.2 may as well be a slip of the pen for 0.2 or 1.
    if not number[2] and Decimal(number[1]) <= Decimal("1.5"):
        return "a share is at most 1: write what part of the whole it is, such as 0.5 for half"
    share = (Decimal(number[1]) / 100).normalize()
    return f"write {number[1]} % as {share:f}"


def _flag_hint(got: str, voice: Voice) -> str:
    word = got.strip().lower()
    if word in _YES or word == "true":
        return "write true" if voice is YAML else "write True"
    if word in _NO or word == "false":
        return "write false" if voice is YAML else "write False"
    return ""


def _slug_hint(got: str, voice: Voice) -> str:
    made = re.sub(r"[^a-z0-9]+", "-", got.lower()).strip("-")[:63].strip("-")
    return f"write it as {voice.text(made)}" if made and made != got else "choose another id"


def _zone_hint(got: str, voice: Voice) -> str:
    close = nearest(got, sorted(zone_names()))
    return f"did you mean {voice.text(close)}?" if close else ""


def _time_hint(got: str, voice: Voice) -> str:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", got):
        return f"write the time and the zone too, such as {voice.text(f'{got}T08:00:00Z')}"
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?", got):
        utc, ahead = voice.text(f"{got}Z"), voice.text(f"{got}+02:00")
        return f"add the zone: {utc} is UTC, {ahead} two hours ahead of it"
    return ""


def _civil_hint(got: str, voice: Voice) -> str:
    civil = re.match(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?", got)
    return f"write {voice.text(civil[0])}; the zone stands beside it" if civil else ""


def _jurisdiction_hint(got: str, voice: Voice) -> str:
    meant = code_like(got)
    return f"did you mean {voice.text(meant)}?" if meant else ""


def _money_hint(got: str, voice: Voice) -> str:
    number = re.fullmatch(r"\d{1,15}(\.\d{1,9})?", got)
    return f"add the currency, such as {voice.text(f'{got} USD')}" if number else ""


_HINTS: tuple[tuple[Any, Callable[[str, Voice], str]], ...] = (
    (Share, _share_hint),
    (Score, _share_hint),
    (ScoreSize, _share_hint),
    (Flag, _flag_hint),
    (Slug, _slug_hint),
    (ZoneName, _zone_hint),
    (AwareTime, _time_hint),
    (CivilTime, _civil_hint),
    (Money, _money_hint),
    (Jurisdiction, _jurisdiction_hint),
)

"""Any claim file: values built from the classes themselves, as reading a file would give them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin

from hypothesis import strategies as st
from pydantic import ValidationError

from ops_model.domain.decisions import Decisions
from ops_model.domain.incidents import Incident
from ops_model.domain.on_call import Layer
from ops_model.domain.ownership import Ladder
from ops_model.domain.scalars import (
    AwareTime,
    CivilTime,
    CurrencyCode,
    Day,
    Days,
    Digest,
    Flag,
    RelativePath,
    Route,
    SampleValue,
    Share,
    Slug,
    Text,
    ZoneName,
)  # fmt: skip
from ops_model.domain.service_levels import Objective
from ops_model.domain.texts import hidden_in, says_something
from ops_model.domain.values import Money, Value
from ops_model.store.expectation import alternatives, fields_of, key_type, optional, plain

_WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"],
                  exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"),
    min_size=1, max_size=20,
).map(str.strip).filter(lambda s: says_something(s) and not hidden_in(s))  # fmt: skip
_TEXT = st.one_of(
    _WORDS, st.sampled_from(["NO", "0123", "1.10", "12:30", "null", "#x", "a: b", "a\nb"])
)
_SLUG = st.from_regex(r"[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,4})?", fullmatch=True).filter(
    lambda s: s not in {"con", "prn", "aux", "nul"} and not s.startswith(("com", "lpt"))
)
_TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1))
_DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
_AMOUNT = st.decimals(0, 10**6, places=2)
_SAMPLE = st.one_of(
    st.integers(-(10**12), 10**12), st.decimals(-1000, 1000, places=3).map(float),
    st.sampled_from(["NO", "x y", "0123", "1e3"]),
)  # fmt: skip
_NAMED = (
    (Slug, _SLUG),
    (Text, _TEXT),
    (Route, st.sampled_from(["page: the primary", "NO", "mail: bo-li; page: 24/7", "#x"])),
    (ZoneName, st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata"])),
    (AwareTime, _TIMES.map(lambda t: t.replace(tzinfo=UTC))),
    (CivilTime, _TIMES),
    (Day, _DAYS),
    (Days, st.integers(1, 3660)),
    (Flag, st.booleans()),
    (Share, st.decimals(0, 1, places=3)),
    (CurrencyCode, st.sampled_from(["USD", "EUR"])),
    (Digest, st.just("sha256:" + "0f" * 32)),
    (RelativePath, st.sampled_from(["data/x", "NO", "a b/c.parquet"])),
    (SampleValue, _SAMPLE),
    (Money, st.builds(lambda a: Money(amount=a, currency="EUR"), _AMOUNT)),
)


def trees(model):
    """Values of a class; those that its own rules refuse are drawn again."""
    if model is Layer:
        return st.builds(
            Layer, id=_SLUG, role=st.sampled_from(["primary", "secondary"]), zone=st.just("UTC"),
            starts=_TIMES, rule=st.sampled_from(["FREQ=WEEKLY;BYDAY=MO", "FREQ=DAILY;INTERVAL=2"]),
            shift_hours=st.integers(1, 100), participants=st.lists(_SLUG, min_size=1).map(tuple),
        )  # fmt: skip
    fields = {
        name: _any(annotation)
        if model.model_fields[name].is_required()
        else _maybe(model, name, annotation)
        for name, annotation in fields_of(model).items()
    }
    return (
        st.fixed_dictionaries(fields)
        .map(lambda said: _built(model, said))
        .filter(lambda v: v is not None)
    )


def _maybe(model, name, annotation):
    default = model.model_fields[name].get_default(call_default_factory=True)
    return st.one_of(st.just(default), _any(annotation))


def _built(model, said):
    if model is Objective:
        said["calendar"] = None if said["window_days"] else said["calendar"] or "month"
    if model is Ladder:
        said["steps"] = tuple(
            sorted({s.starts: s for s in said["steps"]}.values(), key=lambda s: s.starts)
        )
    if model is Incident:
        instants = [n for n in ("onset_earliest", "onset_latest", "detected_at", "acknowledged_at",
                    "contained_at", "restored_at", "closed_at") if said[n]]  # fmt: skip
        said |= dict(zip(instants, sorted(said[n] for n in instants), strict=True))
    if model is Decisions:
        said["rights"] = tuple({r.action: r for r in said["rights"]}.values())
    try:
        return model(**said)
    except ValidationError:
        return None


def _any(annotation):
    options = [_one(option) for option in alternatives(annotation)]
    return st.one_of(*([st.none()] if optional(annotation) else []), *options)


def _one(option):  # noqa: PLR0911 - one return for each kind of type
    for known, strategy in _NAMED:
        if option == known:
            return strategy
    inner, shell = plain(option)
    origin = get_origin(inner)
    if origin is Literal:
        return st.sampled_from(get_args(inner))
    if isinstance(inner, type) and issubclass(inner, StrEnum):
        return st.sampled_from(list(inner))
    if isinstance(inner, type) and issubclass(inner, Value):
        return st.deferred(lambda: trees(inner))
    if origin is tuple:
        least = max([m.min_length for m in shell if getattr(m, "min_length", None)], default=0)
        items = st.lists(_any(get_args(inner)[0]), min_size=least, max_size=max(2, least))
        return items.map(_each_id_once).map(tuple)
    if origin is Mapping:
        return st.dictionaries(_any(key_type(inner)), _any(get_args(inner)[1]), max_size=2)
    return _scalar(inner, shell)


def _each_id_once(items):
    return list({getattr(item, "id", place): item for place, item in enumerate(items)}.values())


def _scalar(inner, shell):
    limits = {
        n: getattr(m, n)
        for m in shell
        for n in ("ge", "gt", "le", "lt")
        if getattr(m, n, None) is not None
    }
    low = limits.get("ge", limits.get("gt", -1000))
    high = limits.get("le", limits.get("lt", 100000))
    if inner is int:
        return st.integers(low + ("gt" in limits), high)
    if inner is float or inner is Decimal:
        numbers = st.decimals(low, high, places=2).filter(lambda d: "gt" not in limits or d > low)
        return numbers.map(float) if inner is float else numbers
    if inner is Any:
        return st.sampled_from(["30", "NO"])
    for constraint in shell:
        if getattr(constraint, "pattern", None):
            return st.from_regex(constraint.pattern, fullmatch=True).filter(
                lambda s: s.isascii() and s.isprintable()
            )
    return _TEXT

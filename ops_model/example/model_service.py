"""What the example server does, apart from HTTP: serve by an alias, store, fall back, switch."""

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from ops_model.errors import UsageError
from ops_model.example.flights import WEATHER
from ops_model.example.model import FlightModel
from ops_model.example.record_store import RecordStore
from ops_model.example.serve_faults import Faults
from ops_model.example.weather_feed import FeedProcess, LastGoodHour

_LARGEST = 2**53  # the first integer that a JSON reader may round


class RefusedError(Exception):
    """A request that is not answered: an HTTP status and what to say with it."""

    def __init__(self, status: int, answer: Mapping[str, Any]) -> None:
        super().__init__(str(answer))
        self.status = status
        self.answer = answer


@dataclass(frozen=True)
class _Serving:
    """What answers now: a model, and what it is said to be. Replaced whole, never changed."""

    model: FlightModel
    version: str
    digest: str
    feature_spec_digest: str

    @classmethod
    def of(cls, model: FlightModel) -> "_Serving":
        return cls(model, model.version, model.digest, model.feature_spec_digest)


class ModelService:
    """Loads every version of a folder and serves the one that the alias names.

    Raises:
        UsageError: no model in `models`, or none of the version that the alias names.
    """

    def __init__(
        self,
        *,
        models: Path,
        active: str,
        store: RecordStore,
        feed: FeedProcess | None,
        weather: LastGoodHour | None,
        notice: str,
        faults: Faults,
    ) -> None:
        self.store = store
        self._feed = feed
        self._weather = weather
        self._notice = notice
        self._faults = faults
        self._alias = store.path.with_suffix(".alias.json")
        self._switching = threading.Lock()
        self._first = active
        self._was_degraded = False
        loaded = [FlightModel.load(path) for path in sorted(models.glob("*.json"))]
        self._models = {model.version: model for model in loaded}
        version = self._stored_alias() or active
        if version not in self._models:
            raise UsageError(
                f"no version {version!r} there; it has: {', '.join(self._models) or 'none'}",
                where=str(models),
                remedy="name a version with --active, or another folder with --models",
            )
        self._serving = _Serving.of(self._models[version])

    def version(self) -> dict[str, Any]:
        """What the server says that it serves."""
        serving = self._serving
        return {
            "version": serving.version, "digest": serving.digest,
            "feature_spec_digest": serving.feature_spec_digest,
        }  # fmt: skip

    def predict(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one request; its record is stored first.

        Raises:
            RefusedError: the request is not one, or there is no weather to answer with.
            OSError: the record could not be stored, so nothing was answered.
        """
        serving = self._serving  # read once: the request ends on the version it began with
        request_id, given = body.get("request_id"), body.get("features")
        if not isinstance(request_id, str) or not _storable(given):
            expected = "expected request_id (text) and features (texts, finite numbers or null)"
            raise RefusedError(400, {"error": expected})
        features, degraded = self._with_weather(request_id, given)
        try:
            probability = serving.model.predict(features)
        except UsageError as error:
            raise RefusedError(422, {"request_id": request_id, "error": str(error)}) from error
        record = {
            "request_id": request_id, "version": serving.version, "digest": serving.digest,
            "probability": probability, "degraded": degraded,
        }  # fmt: skip
        self.store.append({**record, "features": features})
        return record | self._told(degraded=degraded)

    def switch(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Let the alias name another version; on the disk first, then for the next request.

        Raises:
            RefusedError: there is no such version.
            OSError: the alias could not be stored, and still names the version before.
        """
        version = body.get("version")
        if not isinstance(version, str) or version not in self._models:
            known = ", ".join(self._models)
            raise RefusedError(404, {"error": f"there is no such version; it has: {known}"})
        with self._switching:
            if self._faults.has("refuses-to-return") and version == self._first:
                raise RefusedError(503, {"error": "planted: refuses to switch back"})
            if not self._faults.has("stuck-on-switch"):
                self._switch_to(self._models[version])
            return self.version()

    def outage(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Kill the feed's process, or start it again.

        Raises:
            RefusedError: `on` is neither true nor false, or there is no feed.
        """
        on = body.get("on")
        if not isinstance(on, bool) or self._feed is None:
            raise RefusedError(400, {"error": "expected {on: true or false}, and a weather feed"})
        try:
            self._feed.kill() if on else self._feed.start()
        except UsageError as error:
            raise RefusedError(503, {"error": str(error)}) from error
        return {"on": on, "feed_pid": self._feed.pid}

    def _switch_to(self, model: FlightModel) -> None:
        self._store_alias(model.version)
        if model.version != self._first:
            self._fail_in_mid_switch()
        self._faults.spoil(self.store)
        answering = self._models[self._first] if self._faults.has("lies-about-version") else model
        read = self._models[self._first] if self._faults.has("keeps-features") else model
        self._serving = _Serving(answering, model.version, model.digest, read.feature_spec_digest)

    def _fail_in_mid_switch(self) -> None:
        if self._faults.has("dies-on-switch"):
            os._exit(70)
        if self._faults.has("hangs-on-switch"):
            threading.Event().wait()

    def _with_weather(
        self, request_id: str, given: Mapping[str, Any]
    ) -> tuple[dict[str, Any], bool]:
        """The features with the feed's weather where the request brings none; and if degraded."""
        if self._weather is None or all(name in given for name in WEATHER):
            return dict(given), False
        weather = self._weather.newest(str(given.get("origin")))
        if weather is None:
            told = {"request_id": request_id, "error": "no weather", "notice": self._notice}
            raise RefusedError(503, told)
        if not weather.fresh and self._faults.has("fails-when-degraded"):
            raise RefusedError(500, {})
        degraded = not weather.fresh and not self._faults.has("never-degrades")
        self._was_degraded = self._was_degraded or degraded
        if self._faults.has("stays-degraded"):
            degraded = self._was_degraded
        return {**{name: weather.hour.get(name) for name in WEATHER}, **given}, degraded

    def _told(self, *, degraded: bool) -> dict[str, str]:
        shown = degraded and not self._faults.has("hides-notice")
        return {"notice": self._notice} if shown else {}

    def _stored_alias(self) -> str | None:
        try:
            stored = json.loads(self._alias.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            stored = None
        if not isinstance(stored, dict) or not isinstance(stored.get("version"), str):
            raise UsageError(
                'is no alias; expected {"version": ...}',
                where=str(self._alias),
                remedy="remove the file, and start with the version to serve in --active",
            )
        return str(stored["version"])

    def _store_alias(self, version: str) -> None:
        beside = self._alias.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as file:
            json.dump({"version": version}, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._alias)
        folder = os.open(self._alias.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def _storable(features: object) -> TypeGuard[dict[str, Any]]:
    """True for what canonical JSON can hold: no nesting, no NaN, no integer beyond 2**53."""
    return isinstance(features, dict) and all(
        value is None
        or isinstance(value, str)
        or (isinstance(value, float | int) and abs(value) < _LARGEST)
        for value in features.values()
    )

"""A model that the claims declare: nothing is loaded whose bytes are not the declared ones."""

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ops_model.domain.evidence import InputIdentity
from ops_model.domain.signals_watched import DeclaredModel
from ops_model.errors import WarehouseError
from ops_model.store.identity import identify

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from ops_model.analysis.importance import Predict


def load_declared(root: Path, model: DeclaredModel) -> "tuple[Predict, InputIdentity]":
    """What the model answers for a frame, and which file that was.

    The file is read by the loader only once its SHA-256 is the declared one, and the loader has to
    come from an installed package: a file of the workbook is data, and is never run.

    Raises:
        WarehouseError: the digest is another, there is no such loader, or it fails.
    """
    identity = identify(root, model.file)
    if identity.kind != "file" or identity.digest != model.digest:
        found = identity.digest if identity.kind == "file" else f"a {identity.kind}"
        raise WarehouseError(
            f"{model.file} is {found}; expected {model.digest}; it was not loaded",
            where=str(model.place_of("digest")),
            remedy="declare the digest of the file that serves (`sha256sum` prints it), or put "
            "that file there",
        )
    loader = _loader(root, model)
    try:
        loaded = loader(root / model.file)
    except Exception as error:  # noqa: BLE001 - whatever a foreign loader raises has one place
        _refuse(model, f"{model.loader} could not load {model.file}: {_said(error)}")
    predict = getattr(loaded, "predict", None)
    if not callable(predict):
        _refuse(
            model, f"{model.loader} gave a {type(loaded).__name__} without `predict`; expected an "
            "object whose `predict` takes a frame",
        )  # fmt: skip
    return _checked(model, predict), identity


def _loader(root: Path, model: DeclaredModel) -> Callable[[Path], Any]:
    module, colon, name = model.loader.partition(":")
    if not colon or not all(part.isidentifier() for part in (*module.split("."), name)):
        _refuse(model, f"loader is {model.loader!r}; expected package.module:function")
    _installed(root, model, module.split(".")[0])
    try:
        loader = getattr(import_module(module), name, None)
    except Exception as error:  # noqa: BLE001 - importing a foreign module may raise anything
        _refuse(model, f"module {module} cannot be imported: {_said(error)}")
    if not callable(loader):
        _refuse(model, f"module {module} has no function {name}")
    return loader  # type: ignore[no-any-return]  # a foreign function; what it gives is checked


def _installed(root: Path, model: DeclaredModel, package: str) -> None:
    """Refuse what no installed distribution brought: Python's own modules, and the workbook's.

    Among Python's own are some that would run a file or a command that a workbook names.
    """
    if package not in packages_distributions():
        _refuse(model, f"package {package} of loader {model.loader} is not installed")
    found = find_spec(package)
    places = [] if found is None else [found.origin, *(found.submodule_search_locations or ())]
    if any(place and Path(place).resolve().is_relative_to(root.resolve()) for place in places):
        _refuse(
            model, f"package {package} of loader {model.loader} lies in the workbook; expected "
            "one that is installed",
        )  # fmt: skip


def _checked(model: DeclaredModel, predict: Callable[["pd.DataFrame"], Any]) -> "Predict":
    """The same `predict`, whose answer is one number, or one class, per row or an error."""
    import numpy as np

    def answer(frame: "pd.DataFrame") -> "np.ndarray[Any, Any]":
        try:
            found = np.asarray(predict(frame.copy()))
        except Exception as error:  # noqa: BLE001 - whatever a foreign model raises has one place
            _refuse(model, f"`predict` of {model.file} failed: {_said(error)}")
        if found.shape == (len(frame), 1):
            found = found[:, 0]
        if found.shape != (len(frame),):
            _refuse(
                model, f"`predict` of {model.file} gave {found.shape}; expected one number or one "
                f"class for each of {len(frame)} rows",
            )  # fmt: skip
        if found.dtype.kind == "f" and not np.isfinite(found).all():
            _refuse(model, f"`predict` of {model.file} gave a number that is not finite")
        if found.dtype.kind not in "fiubUSO":
            _refuse(model, f"`predict` of {model.file} gave {found.dtype}; expected numbers")
        return found

    return answer


def _said(error: Exception) -> str:
    first = str(error).strip().splitlines()
    return f"{type(error).__name__}: {first[0][:200]}" if first else type(error).__name__


def _refuse(model: DeclaredModel, problem: str) -> NoReturn:
    raise WarehouseError(
        problem,
        where=str(model.place_of("loader")),
        remedy="name a function of an installed package that takes the path of the file and gives "
        "an object with `predict`",
    )

"""What `ops-model doctor` says of the packages: those that are asked for, and each extra."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement

from ops_model.errors import ShippedFilesMissingError
from ops_model.shipped import ShippedFolder, shipped
from ops_model.workflow.doctor_lines import Line, looked

EXTRAS: Mapping[str, str] = {
    "postgres": "logs and a ledger in PostgreSQL",
    "alerts": "telling people over a channel",
    "spark": "logs in Spark",
    "cluster": "notebooks on the workers of a Dask cluster",
    "mlflow": "a registry whose alias says which version serves",
    "demo": "`ops-model demo`",
}
"""What each extra is for; those of whoever develops ops-model are left out."""
_FOLDERS: tuple[ShippedFolder, ...] = ("notebooks", "checks", "templates")
_AS_LOCKED = "install what the lock says: pip install -r requirements.lock"

Installed = Callable[[str], str | None]
"""The version of a package, None where it is not there."""


def package_lines() -> Iterator[Line]:
    """The packages against what this version of ops-model asks for, and what comes with it."""
    yield from looked("packages", "asked for", lambda: [asked_line(_asked(), installed)])
    yield from looked("packages", "extras", lambda: extra_lines(_asked(), installed))
    yield from looked("packages", "shipped files", _shipped)


def _asked() -> list[Requirement]:
    try:
        return [Requirement(text) for text in requires("ops-model") or ()]
    except PackageNotFoundError:
        raise ShippedFilesMissingError(
            "ops-model itself is not installed here", remedy="install it: pip install ops-model"
        ) from None


def installed(name: str) -> str | None:
    """The version of a package here."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def asked_line(asked: Iterable[Requirement], there: Installed) -> Line:
    """Whether each package is there, in a version that was tried."""
    needed = [one for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})]
    wrong = [told for one in needed if (told := _wrong(one, there(one.name)))]
    if not wrong:
        return Line("packages", "asked for", "ok", f"{len(needed)} are as ops-model asks")
    return Line("packages", "asked for", "problem", "; ".join(wrong), _AS_LOCKED)


def extra_lines(asked: Iterable[Requirement], there: Installed) -> Iterator[Line]:
    """Each extra: there, or what it would be for."""
    listed = tuple(asked)
    for extra, what in EXTRAS.items():
        mine = [one for one in listed if one.marker and _is_of(one, extra)]
        missing = [one.name for one in mine if there(one.name) is None]
        wrong = [told for one in mine if one.name not in missing
                 and (told := _wrong(one, there(one.name)))]  # fmt: skip
        name = f"extra {extra}"
        if wrong:
            yield Line("packages", name, "warning", "; ".join(wrong), _AS_LOCKED)
        elif missing:
            said = f"not installed ({', '.join(missing)}); only {what} needs it"
            yield Line("packages", name, "absent", said)
        else:
            yield Line("packages", name, "ok", f"there, for {what}")


def _is_of(one: Requirement, extra: str) -> bool:
    """True where it is asked for by this extra and not without it."""
    marker = one.marker
    return marker is not None and not marker.evaluate({"extra": ""}) and marker.evaluate(
        {"extra": extra}
    )  # fmt: skip


def _wrong(one: Requirement, found: str | None) -> str:
    if found is None:
        return f"{one.name} is not installed; expected {one.specifier or 'any version'}"
    if one.specifier.contains(found, prereleases=True):
        return ""
    return f"{one.name} is {found}; expected {one.specifier}"


def _shipped() -> Iterator[Line]:
    for folder in _FOLDERS:
        shipped(folder)
    yield Line("packages", "shipped files", "ok", "notebooks, checks and templates are there")

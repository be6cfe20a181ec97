"""Bundles beside the runs that the ledger tells of: what is wrong, and which no key signed.

A signature is not needed where the ledger vouches for the manifest; but who can append to a ledger
can append a run, and then the missing signature is all that shows it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.errors import BundleError, Problem
from ops_model.workflow.published import NO_RECORDS, RECORDS_FILE, Published, of_bundle
from ops_model.workflow.trust import Trust, visible
from ops_model.workflow.verified import FinishedRun, Verified

if TYPE_CHECKING:
    from ops_model.store.sealed import Part


@dataclass
class BundlesCompared:
    """What comparing bundles came to so far.

    `published` is what entries say to come from runs, `remedy` stands below each problem, and
    `unsigned` names the bundles that carry no signature of the keys of `trust`.
    """

    published: Published
    trust: Trust
    remedy: str = ""
    count: int = 0
    problems: list[Problem] = field(default_factory=list)
    unsigned: list[str] = field(default_factory=list)

    def take(self, run: FinishedRun, wrong: Sequence[str], read: Callable[[str], bytes]) -> None:
        """Add what one bundle came to; `read` gives its files, once nothing in them is wrong."""
        from ops_model.store.sealed import MANIFEST_FILE, signed_by

        self.count += 1
        self.problems += [Problem(what, run.bundle, self.remedy) for what in wrong]
        if wrong:
            return
        found = self.published.problems(
            run.system, run.run_id, run.seq, read(RECORDS_FILE), again=run.again
        )
        self.problems += of_bundle(found, run.bundle)
        if self.trust.keys and not signed_by(read(MANIFEST_FILE), self.trust.keys):
            self.unsigned.append(run.bundle)

    @property
    def told(self) -> tuple[str, ...]:
        """How many bundles no key signed."""
        if not self.unsigned:
            return ()
        carry = "carries" if len(self.unsigned) == 1 else "carry"
        return (
            f"{len(self.unsigned)} of {self.count} bundles {carry} no signature of these keys, "
            f"such as {self.unsigned[0]}",
        )

    @property
    def rests(self) -> tuple[str, ...]:
        """The same for the last line, where the reader named the keys."""
        if not self.unsigned or not self.trust.named:
            return ()
        bundles = f"{len(self.unsigned)} bundle{'s' if len(self.unsigned) > 1 else ''}"
        return (f", but for {bundles} that no key that you named signed",)

    def as_json(self) -> dict[str, Any]:
        """The keys of `ops-model verify --json`."""
        return {"bundles": self.count, "unsigned_bundles": list(self.unsigned)}


def of_one_bundle(
    wrong: Sequence[str], name: str, trust: Trust, read: Callable[[str], bytes]
) -> Verified:
    """What verifying a bundle far from any ledger came to; `wrong` is what was found."""
    from ops_model.store.sealed import MANIFEST_FILE, signed_by

    signed: tuple[str, ...] = ()
    if trust.named and not wrong:
        signed = signed_by(read(MANIFEST_FILE), trust.keys)
    by = " and the keys that you named" if trust.named else " only"
    remedy = "ask for the bundle again, and verify it as it came"
    return Verified(
        (f"bundle: against its own manifest{by}",),
        tuple(Problem(what, visible(name), remedy) for what in wrong),
        told=(f"signed by {', '.join(signed)}",) if signed else (),
        rests=() if trust.named else (" against its own manifest; name the key with --key",),
        more={"signed_by": list(signed)},
    )


def reader_of_folder(folder: Path) -> Callable[[str], bytes]:
    """How the files of a bundle in a folder are read; one without records has none."""

    def read(name: str) -> bytes:
        try:
            return (folder / name).read_bytes()
        except FileNotFoundError:
            return NO_RECORDS
        except OSError as error:
            raise BundleError(
                f"could not be read: {error.strerror}",
                where=f"{folder.name}/{name}",
                remedy="see the rights and the disk",
            ) from error

    return read


def reader_of_parts(parts: "Mapping[str, Part]") -> Callable[[str], bytes]:
    """The same of a bundle in an archive."""

    def read(name: str) -> bytes:
        if name not in parts:
            return NO_RECORDS
        with parts[name].open() as file:
            return file.read()

    return read

"""Whose word about a ledger counts, and which of its checkpoints hold by that.

A checkpoint that the ledger's owner could have signed anew proves nothing against the owner. So
a reader names the keys that they trust, and may bring checkpoints that they kept elsewhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.domain.values import iso_utc
from ops_model.errors import Problem, UsageError, WorkbookError

if TYPE_CHECKING:
    from ops_model.store.checkpoint import Note, NoteCheck, VerifierKey

_KEPT = "noted elsewhere"
_OTHER_KEY = (
    "either the key is not theirs, or the checkpoints are not: ask for the key another way"
)
_NONE_OF_THEM = "no checkpoint of theirs is there: was checkpoints.txt removed?"
NO_CHECKPOINT = "no signed checkpoint covers this ledger; see docs/evidence.md"


def visible(name: str) -> str:
    """A name from elsewhere as text that can be printed anywhere, on one line."""
    return name if name.isprintable() else ascii(name)


@dataclass(frozen=True)
class Trust:
    """The public keys that count, whether the reader named them, and what the reader kept.

    `noted` are checkpoints from elsewhere, in files called `noted_in`: what is verified has to
    continue them too.
    """

    keys: "tuple[VerifierKey, ...]" = ()
    named: bool = False
    noted: "tuple[Note, ...]" = ()
    noted_in: tuple[str, ...] = ()

    def or_listed(self, listed: "Iterable[VerifierKey]") -> "Trust":
        """The same, with the keys that lie beside what is verified where the reader named none."""
        return self if self.named else replace(self, keys=tuple(listed))

    @property
    def told(self) -> str:
        """Whose keys they are, as a sentence."""
        if self.named:
            return f"keys: {len(self.keys)} that you named"
        if not self.keys:
            return "keys: none is known; name the one that you trust with --key"
        return (
            f"keys: {len(self.keys)} that lie beside what is verified: whoever changed it may "
            "have changed them; name the one that you trust with --key"
        )


def trust_of(keys: Sequence[str], noted: Sequence[Path] = ()) -> Trust:
    """What a reader trusts, from what they named.

    Args:
        keys: public keys, or files of them.
        noted: files of checkpoints that they kept elsewhere.

    Raises:
        WorkbookError: one of them is none, or its file cannot be read.
        UsageError: checkpoints, and no key by which they would hold.
    """
    if noted and not keys:
        raise UsageError(
            "--checkpoints needs --key: without a key that you trust, what you kept says nothing",
            remedy="name the key that signed them, such as --key checkpoint_keys.txt of your copy",
        )
    from ops_model.store.checkpoint_file import keys_from, read_notes

    found: list[Note] = []
    for path in noted:
        if not path.is_file():
            raise WorkbookError(
                "there is no such file",
                where=str(path),
                remedy="name a file of checkpoints, such as a copy of checkpoints.txt",
            )
        notes, problems = read_notes(path)
        if problems:
            raise WorkbookError(problems=problems)
        if not notes:
            raise WorkbookError(
                "holds no checkpoint",
                where=str(path),
                remedy="name a copy of checkpoints.txt that holds some",
            )
        found += notes
    named = tuple(key for given in keys for key in keys_from(given))
    return Trust(tuple(dict.fromkeys(named)), named=bool(keys), noted=tuple(found),
                 noted_in=tuple(path.name for path in noted))  # fmt: skip


@dataclass(frozen=True)
class SignedRoots:
    """What the checkpoints that hold say, and what is wrong with the others.

    `roots` has the root for each size; `newest` is the one that reaches furthest; `kept` says what
    the reader brought along.
    """

    roots: Mapping[int, str]
    problems: tuple[Problem, ...]
    told: tuple[str, ...]
    newest: "Note | None" = None
    checked: "NoteCheck | None" = None
    kept: str = ""

    def told_of(self, *, holds: bool) -> tuple[str, ...]:
        """What to tell, and of what the reader kept whether the ledger continues all of it."""
        all_hold = "all hold" if holds and not self.problems else "not all of it holds"
        return (*self.told, f"kept: {self.kept}: {all_hold}") if self.kept else self.told

    def covering(
        self, size: int, *, holds: bool, until: datetime | None = None
    ) -> "CoveredBy | None":
        """What the newest one means for a ledger of `size` entries."""
        if self.newest is None or self.checked is None:
            return None
        signed = self.newest.checkpoint
        return CoveredBy(
            signed.origin, signed.size, signed.root, tuple(k.keyid for k in self.checked.by),
            max(0, size - signed.size), holds, until,
        )  # fmt: skip


@dataclass(frozen=True)
class CoveredBy:
    """The newest checkpoint that a trusted key signed, beside the ledger.

    `since` counts the entries that it does not cover, `until` is when the last one that it covers
    was recorded, and `holds` says whether the entries are those that were signed.
    """

    origin: str
    size: int
    root: str
    keys: tuple[str, ...]
    since: int
    holds: bool
    until: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """The object `checkpoint` of `ops-model verify --json`."""
        return {
            "origin": self.origin, "size": self.size, "root": self.root, "keys": list(self.keys),
            "entries_since": self.since, "holds": self.holds,
            "recorded_until": iso_utc(self.until) if self.until else None,
        }  # fmt: skip

    @property
    def told(self) -> tuple[str, ...]:
        """The same in sentences."""
        until = f", recorded until {iso_utc(self.until)}" if self.until else ""
        lines = [
            f"checkpoint: {self.size} entries{until}, root {self.root}",
            f"  signed by {', '.join(self.keys)}",
        ]
        if self.since:
            entries = "1 entry since is" if self.since == 1 else f"{self.since} entries since are"
            lines.append(f"  {entries} covered by no checkpoint")
        return tuple(lines)


def signed_roots(
    notes: "Sequence[Note]", trust: Trust, problems: Iterable[Problem] = (), *, where: str
) -> SignedRoots:
    """Which of the notes, and of those that the reader kept, hold; and what that says.

    Args:
        notes: what lies beside the ledger.
        trust: whose word counts.
        problems: what was wrong with the file of the notes.
        where: the file, as problems name it.
    """
    wrong, unknown = list(problems), dict[str, None]()
    roots: dict[int, str] = {}
    held: list[tuple[Note, NoteCheck]] = []
    for note, place in [(n, where) for n in notes] + [(n, _KEPT) for n in trust.noted]:
        found, signed = note.check(trust.keys), note.checkpoint
        unknown |= dict.fromkeys(found.unknown)
        if found.own and not found.forged:
            held.append((note, found))
            if roots.setdefault(signed.size, signed.root) != signed.root:
                what = f"two signed checkpoints at {signed.size} entries differ: there was a fork"
                wrong.append(Problem(what, place))
        else:
            wrong += _why_not_held(found, signed.size, place)
    told = [trust.told]
    if unknown:
        names = ", ".join(map(visible, unknown))
        told.append(f"  not trusted, since their keys are not known: {names}")
    if not held:
        none = "no checkpoint is signed by a key that you named"
        wrong += [Problem(none, where, _OTHER_KEY)] * trust.named
        told += _without_checkpoint(trust)
        return SignedRoots(roots, tuple(wrong), tuple(told), kept=_kept(trust))
    newest, checked = max(held, key=lambda pair: pair[0].checkpoint.size)
    return SignedRoots(roots, tuple(wrong), tuple(told), newest, checked, _kept(trust))


def _why_not_held(found: "NoteCheck", size: int, place: str) -> list[Problem]:
    """What is wrong with a note that does not hold; nothing where only its key is unknown."""
    if found.forged:
        names = ", ".join(map(visible, found.forged))
        what = f"the signature of {names} on the checkpoint at {size} entries is forged"
        return [Problem(what, place)]
    if place is not _KEPT:
        return []
    what = f"the checkpoint at {size} entries is signed by no key that you named"
    return [Problem(what, place, "name the key that signed it too, if it is theirs")]


def _without_checkpoint(trust: Trust) -> list[str]:
    listed = bool(trust.keys) and not trust.named
    return (
        [f"  keys are listed, and {_NONE_OF_THEM}", NO_CHECKPOINT] if listed else [NO_CHECKPOINT]
    )


def _kept(trust: Trust) -> str:
    """What the reader brought along, in words; empty when nothing."""
    if not trust.noted_in:
        return ""
    count, most = len(trust.noted), max(note.checkpoint.size for note in trust.noted)
    from_files = f"from {', '.join(map(visible, trust.noted_in))}"
    return (
        f"{count} checkpoint{'s' if count > 1 else ''} {from_files}, the newest of {most} entries"
    )

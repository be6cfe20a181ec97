"""An export verified where it lies, without a workbook: its ledger, its bundles, and who approved.

Whoever has the file and a public key that they trust needs nothing else of ours or of theirs. A
zip is read by streaming and never unpacked.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ops_model.domain.signers import REVOKED_FILE, SIGNERS_FILE, Signer
from ops_model.errors import IntegrityError, LedgerError, OpsModelError, Problem
from ops_model.workflow.bundles_compared import BundlesCompared, of_one_bundle, reader_of_parts
from ops_model.workflow.export_parts import only_bundle, parts_at, require_archive
from ops_model.workflow.export_told import ToldByLedger
from ops_model.workflow.published import not_seen
from ops_model.workflow.reviews import Reviewed, forged_words, reviewed
from ops_model.workflow.trust import SignedRoots, Trust, signed_roots, visible
from ops_model.workflow.verified import Verified

if TYPE_CHECKING:
    from ops_model.store.export_index import ExportIndex
    from ops_model.store.ledger_chain import StoredEvent
    from ops_model.store.ledger_clocks import Clocks
    from ops_model.store.ledger_export import ExportedLedger
    from ops_model.store.sealed import Part

_MOST_TEXT = 64 * 1024 * 1024
_INDEX = "export.dsse.json"
_AT_TOP = frozenset(
    {_INDEX, "ledger.jsonl", "checkpoints.txt", "checkpoint_keys.txt", SIGNERS_FILE, REVOKED_FILE}
)
_UNNAMED = "no finished run of the ledger names this bundle"
_RESTS = (
    f"; who signed rests on {SIGNERS_FILE} and {REVOKED_FILE}, which no key that you named covers"
)
_ASK_AGAIN = "ask for the export again, and verify it as it came"


def verify_export(path: Path, trust: Trust) -> Verified:
    """Verify an export of `ops-model export evidence`, a zip or its unpacked folder.

    A zip with one bundle in it and nothing else is verified as that bundle.

    Raises:
        LedgerError: the machine cannot read it.
    """
    require_archive(path)
    try:
        with parts_at(path) as parts:
            bundle = only_bundle(parts)
            if bundle is not None:
                return _of_bundle(bundle, path.name, trust)
            return _Export(parts, trust).verified()
    except IntegrityError as error:
        return Verified(("export: not read",), error.problems)
    except OSError as error:
        raise LedgerError(
            f"cannot be read: {error.strerror or error}",
            where=str(error.filename or path),
            remedy="see the rights and the disk",
        ) from error


def _of_bundle(parts: "Mapping[str, Part]", name: str, trust: Trust) -> Verified:
    from ops_model.store.sealed import verify_parts

    wrong = verify_parts(parts, keys=trust.keys if trust.named else ())
    return of_one_bundle(wrong, name, trust, reader_of_parts(parts))


class _Export:
    """One export at work: its files, whose word counts, and what was found to be wrong."""

    def __init__(self, parts: "Mapping[str, Part]", trust: Trust) -> None:
        from ops_model.store.checkpoint_file import KEYS_FILE, parse_keys

        self._parts = parts
        self._problems: list[Problem] = []
        self._index_by: tuple[str, ...] = ()
        self._trust = trust
        if not trust.named:
            self._trust = trust.or_listed(parse_keys(self._text(KEYS_FILE), KEYS_FILE))

    def verified(self) -> Verified:
        """Everything compared with everything else."""
        index, vouched = self._index()
        signed = self._signed()
        self._problems += signed.problems
        covered_size = signed.newest.checkpoint.size if signed.newest is not None else 0
        found = ToldByLedger()
        ledger = self._ledger(index, signed, found, covered_size)
        bundles = self._bundles(index, found, whole=not ledger.problems)
        reviews = self._reviews(index, found, covered_size) if not ledger.problems else []
        told = [*signed.told_of(holds=not ledger.problems), vouched, *bundles.told]
        if index.system is not None:
            told.append(f"bundles of {index.system} only; reviews and ledger are of all systems")
        if reviews and SIGNERS_FILE not in self._parts:
            told.append(f"{SIGNERS_FILE} is missing: no signature could be tried")
        told += [line for review in reviews for line in review.told]
        return Verified(
            (
                f"export: {len(index.files)} files against its index",
                f"ledger: {ledger.size} entries against their own hash chain",
                f"bundles: {bundles.count} against the manifests that the ledger recorded",
            ),
            tuple(Problem(p.message, visible(p.where), p.remedy) for p in self._problems),
            ledger.size,
            ledger.head,
            ledger.root,
            signed.covering(ledger.size, holds=not ledger.problems, until=found.until),
            tuple(told),
            (*bundles.rests, *(() if self._vouched or not reviews else (_RESTS,))),
            {
                "index": {"signed_by": list(self._index_by), "system": index.system},
                "reviews": [review.as_json() for review in reviews],
                **bundles.as_json(),
            },
        )

    @property
    def _vouched(self) -> bool:
        """True when a key that the reader named vouches for every file, also for the signers."""
        return self._trust.named and bool(self._index_by)

    def _index(self) -> "tuple[ExportIndex, str]":
        """The index, every file compared with it, and who vouches for the index itself."""
        from ops_model.store.export_index import INDEX_FILE, file_problems, read_index

        part = self._parts.get(INDEX_FILE)
        if part is None or part.odd:
            why = part.odd if part is not None else "is missing, so this is no export"
            raise IntegrityError(why, where=INDEX_FILE, remedy=_ASK_AGAIN)
        try:
            read = read_index(part, self._trust.keys)
        except IntegrityError as error:
            why = error.problems[0].message
            raise IntegrityError(why, where=INDEX_FILE, remedy=_ASK_AGAIN) from error
        index, self._index_by = read.index, read.by
        if self._trust.named and read.strangers and not read.by:
            names = ", ".join(map(visible, read.strangers))
            self._problems.append(Problem(f"is signed by no key that you named: {names}", _INDEX))
        self._problems += file_problems(index, self._parts)
        self._problems += [
            Problem("is no part of an export", name)
            for name in sorted(self._parts)
            if name not in _AT_TOP and not name.startswith("runs/")
        ]
        if read.by:
            return index, f"index: signed by {', '.join(read.by)}"
        rests = f"{SIGNERS_FILE} is as true as whoever gave you this: compare the fingerprints"
        return index, f"index: signed by none of these keys; {rests}"

    def _signed(self) -> SignedRoots:
        from ops_model.store.checkpoint_file import CHECKPOINTS_FILE, parse_notes

        notes, problems = parse_notes(self._text(CHECKPOINTS_FILE))
        return signed_roots(notes, self._trust, problems, where=CHECKPOINTS_FILE)

    def _ledger(
        self, index: "ExportIndex", signed: SignedRoots, found: ToldByLedger, covered: int
    ) -> "ExportedLedger":
        from ops_model.store.ledger_export import LEDGER_LINES, ExportedLedger

        with self._opened(LEDGER_LINES) as file:
            ledger = ExportedLedger(file, signed.roots)
            for entry in ledger.entries():
                try:
                    found.note(entry, covered)
                except OpsModelError as error:
                    self._problems += error.problems
        self._problems += ledger.problems
        told = (index.size, index.head, index.root)
        if not ledger.problems and told != (ledger.size, ledger.head, ledger.root):
            self._problems.append(
                Problem(f"tells of another ledger: {index.size} entries, {index.root}", _INDEX)
            )
        if not ledger.problems and index.system not in {None, *found.subjects}:
            self._problems.append(Problem(f"the ledger has no system {index.system}", _INDEX))
        return ledger

    def _bundles(
        self, index: "ExportIndex", found: ToldByLedger, *, whole: bool
    ) -> BundlesCompared:
        """Compare every bundle with its run."""
        from ops_model.store.sealed import verify_parts

        lying: dict[str, dict[str, Part]] = {}
        for name, part in self._parts.items():
            if name.startswith("runs/"):
                folder, _, file = name.rpartition("/")
                lying.setdefault(folder, {})[file] = part
        compared = BundlesCompared(found.published, self._trust, _ASK_AGAIN)
        known = {problem.where for problem in self._problems}
        for run in (run for run in found.runs if index.system in {None, run.system}):
            parts = lying.pop(run.bundle, None)
            if parts is None:
                self._problems.append(Problem("the bundle is not there", run.bundle))
                continue
            keys = self._trust.keys
            wrong = verify_parts(parts, manifest_digest=run.manifest, keys=keys)
            compared.take(run, wrong, reader_of_parts(parts))
        # What the index said of a file already is not said twice.
        self._problems += [
            p for p in compared.problems if f"{p.where}/{p.message.split()[0]}" not in known
        ]
        if whole:
            self._problems += [Problem(_UNNAMED, folder) for folder in sorted(lying)]
        else:
            self._problems.append(
                Problem("no bundle of a run from here on was compared", "ledger")
            )
        return compared

    def _reviews(self, index: "ExportIndex", found: ToldByLedger, covered: int) -> list[Reviewed]:
        """Who approved what, of every system about which somebody decided."""
        from ops_model.store.ledger_clocks import Clocks
        from ops_model.store.ledger_evidence import evidence_among

        signers = self._signers(index)
        told: list[Reviewed] = []
        try:
            clocks = Clocks()
            for _, events in sorted(self._worded(found, clocks).items()):
                statements = evidence_among(events, clocks.behind)
                self._problems += forged_words(statements)
                told += reviewed(statements, signers, covered=covered, vouched=self._vouched)
        except OpsModelError as error:
            self._problems += error.problems
        return told

    def _worded(self, found: ToldByLedger, clocks: "Clocks") -> "dict[str, list[StoredEvent]]":
        """What the ledger says about these systems; the lines are read once more.

        On the way the root that a signer says to have seen is compared with that of the entries.
        """
        from ops_model.store.ledger_export import LEDGER_LINES, ExportedLedger

        seen = found.published.seen
        events: dict[str, list[StoredEvent]] = {system: [] for system in found.worded}
        if not events:
            return {}
        with self._opened(LEDGER_LINES) as file:
            lines = ExportedLedger(file, {})
            self._problems += not_seen(seen, 0, lines.root)
            for entry in lines.entries():
                clocks.see(entry.body.get("recorded_at"))
                if entry.body["subject"] in events:
                    events[str(entry.body["subject"])].append(entry.stored())
                if lines.size in seen:
                    self._problems += not_seen(seen, lines.size, lines.root)
        for size in sorted(n for n in seen if not 0 <= n <= lines.size):
            self._problems += not_seen(seen, size, "")
        return events

    def _signers(self, index: "ExportIndex") -> tuple[Signer, ...]:
        from ops_model.store.signers import read_signers

        files = {
            name: self._bytes(name) for name in (SIGNERS_FILE, REVOKED_FILE) if name in self._parts
        }
        signers, problems = read_signers(files, None, index.zone)
        self._problems += problems
        return signers

    def _opened(self, name: str) -> BinaryIO:
        part = self._parts.get(name)
        if part is None or part.odd:
            raise IntegrityError(part.odd if part else "is missing", where=name, remedy=_ASK_AGAIN)
        return part.open()

    def _bytes(self, name: str) -> bytes:
        with self._opened(name) as file:
            content = file.read(_MOST_TEXT + 1)
        if len(content) > _MOST_TEXT:
            raise IntegrityError("is far too long", where=name, remedy=_ASK_AGAIN)
        return content

    def _text(self, name: str) -> str:
        """The text of a file that may be missing; then there is none."""
        if name not in self._parts:
            return ""
        try:
            return self._bytes(name).decode("utf-8")
        except UnicodeDecodeError as error:
            raise IntegrityError("is no UTF-8 text", where=name, remedy=_ASK_AGAIN) from error

"""Run a sealed run again, from what was sealed with it, and compare the records.

Claims, policy and people come from the bundle, statements from the ledger as it stood then, and
the parameters from the manifest. The notebook and every input have to be the ones of then. The
second run is sealed as a bundle of its own, so that an auditor can read both; what it shows is
one record, that the first came out the same or where it did not. Its own records are no new
evidence: they are about an instant that has been judged.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.check.grades import TOOL
from ops_model.domain.differences import told_paths
from ops_model.domain.evidence import Grade, InputIdentity, LedgerEvent, Measurement
from ops_model.domain.operating_model import PortfolioSnapshot, Snapshot
from ops_model.domain.policy import Policy
from ops_model.domain.records import read_record
from ops_model.domain.trials import DRILLS, Reproduction
from ops_model.domain.values import digest_of, iso_utc
from ops_model.errors import (
    IntegrityError,
    OpsModelError,
    Problem,
    UsageError,
    WarehouseError,
)
from ops_model.notebook.find import find_notebook
from ops_model.notebook.spec import HarvestedRecord, RunResult
from ops_model.notebook.staging import RunPlace
from ops_model.shipped import notebook_digest, shipped_notebook_digests
from ops_model.workflow.ledgers import open_ledger
from ops_model.workflow.log_places import identified_again
from ops_model.workflow.open import refuse_ahead, refuse_behind
from ops_model.workflow.run import new_run_id
from ops_model.workflow.run_about import performed_by_somebody
from ops_model.workflow.run_events import clear_dead_runs
from ops_model.workflow.run_whole import RunOutcome, WholeRun, nothing
from ops_model.workflow.sealed_run import sealed_json, sealed_snapshot
from ops_model.workflow.verified import FinishedRun, finished_in, finished_run
from ops_model.workflow.verify_records import rests_on_inputs

if TYPE_CHECKING:
    from ops_model.store.dsse import SigningKey
    from ops_model.store.ledger import Ledger
    from ops_model.store.statement import Manifest

_SHOWN = 5


class NotReproducibleError(OpsModelError):
    """What the sealed run rested on is not there as it was, so running it again shows nothing."""

    exit_code = 1


@dataclass(frozen=True)
class Reproduced:
    """The second run, and how its records compare; `told` is None where it did not finish.

    `grade` is what the first run's best record is worth now, where the two are equal.
    """

    outcome: RunOutcome
    told: Reproduction | None
    sealed_by: str
    grade: Grade = Grade.DECLARED

    def as_json(self) -> dict[str, Any]:
        """The keys that `ops-model run --reproduce --json` adds to those of a run."""
        if self.told is None:
            return {"reproduction": None}
        told = self.told
        return {
            "reproduction": {
                "run_id": told.run_id, "again": told.again, "equal": told.equal,
                "records": told.records, "differing": list(told.differing),
            }
        }  # fmt: skip


def reproduce(
    root: Path,
    notebook: str,
    system_id: str,
    run_id: str,
    *,
    as_of: datetime,
    recorded_at: datetime,
    stopwatch: Callable[[], float] = time.monotonic,
    key: "SigningKey | None" = None,
    progress: Callable[[str], None] = nothing,
) -> Reproduced:
    """Execute a sealed run again and record whether its records came out the same.

    Args:
        root: the workbook's folder.
        notebook: `05_drift_quality`, `N05` or `05`; it has to be that of the run.
        system_id: the run's system; `portfolio` for one about all systems together.
        run_id: the sealed run.
        as_of: the instant at which this is shown; the run itself keeps its own.
        recorded_at: the wall clock.
        stopwatch: seconds, monotonic.
        key: signs the second bundle.
        progress: told each of `run_whole.STAGES` once it is reached.

    Raises:
        UsageError: there is no such run, or it is a drill, or a repetition itself.
        NotReproducibleError: the notebook or an input changed since, or the bundle is of an older
            form; nothing was started.
        IntegrityError: the bundle is not what was sealed.
        LedgerError: the ledger cannot be read or written.
    """
    from ops_model.store.seal import manifest_of
    from ops_model.store.workbook import read_workbook

    refuse_ahead(as_of, recorded_at)
    model = read_workbook(root)
    refuse_behind(as_of, recorded_at, model)
    path = find_notebook(root, notebook)
    with open_ledger(root, model.settings) as ledger:
        sealed = _sealed_run(ledger, system_id, run_id)
        _require_whole(root, sealed)
        manifest = manifest_of(root / sealed.bundle)
        before = [HarvestedRecord(**r) for r in sealed_json(root / sealed.bundle, "records.json")]
        _require_no_drill(path, system_id, before, manifest.parameters)
        snapshot = _snapshot_of_then(root, sealed, ledger)
        _require_same(root, path, manifest, as_of, snapshot)
        clear_dead_runs(root, ledger, recorded_at=recorded_at)
        place = RunPlace(
            run_id=new_run_id(recorded_at), system=system_id, notebook=path.stem,
            as_of=manifest.as_of,
        )  # fmt: skip
        told: list[Reproduction] = []

        def compared(result: RunResult, at: datetime) -> LedgerEvent:
            told.append(compare(before, result.records, manifest, again=place.run_id, as_of=as_of))
            return _published(told[0], at)

        run = WholeRun(
            root, place, path, ledger, recorded_at, stopwatch, given=lambda: snapshot, key=key,
            progress=progress, reproduces=run_id, compared=compared,
        )  # fmt: skip
        outcome = run.carry_out(dict(manifest.parameters))
    finished = outcome.state == "finished"
    worth = _worth(manifest, before, model.policy)
    return Reproduced(outcome, told[0] if finished else None, manifest.tool_version, worth)


def _worth(manifest: "Manifest", before: Sequence[HarvestedRecord], policy: Policy) -> Grade:
    """What equal records are worth: a measurement is reproduced, where it was observed at all."""
    approved = shipped_notebook_digests() | frozenset(policy.approved_notebooks)
    if manifest.notebook_digest not in approved or not all(map(rests_on_inputs, before)):
        return Grade.DECLARED
    measured = any(isinstance(read_record(found.record), Measurement) for found in before)
    return Grade.REPRODUCED if measured else Grade.OBSERVED


def compare(
    before: Sequence[HarvestedRecord],
    after: Sequence[HarvestedRecord],
    manifest: "Manifest",
    *,
    again: str,
    as_of: datetime,
) -> Reproduction:
    """The records of two runs, each with the one in its place; where they differ, by field."""
    both = min(len(before), len(after))
    differing = [_difference(before[n], after[n]) for n in range(both)]
    differing += [f"{_named(found)}: only in the sealed run" for found in before[both:]]
    differing += [f"{_named(found)}: only in the second run" for found in after[both:]]
    return Reproduction(
        system=manifest.system,
        as_of=as_of,
        run_id=manifest.run_id,
        notebook=manifest.notebook,
        again=again,
        records=max(len(before), len(after)),
        differing=tuple(filter(None, differing)),
    )


def _difference(before: HarvestedRecord, after: HarvestedRecord) -> str:
    """What is not the same about one record; empty when the two say the same."""
    then, now = _as_read(before), _as_read(after)
    if digest_of(then) == digest_of(now):
        return ""
    return f"{_named(before)}: {told_paths(then, now)}"


def _as_read(found: HarvestedRecord) -> dict[str, Any]:
    """A record as it is read today: a field that was added since says nothing of then.

    Of two numbers that are one, such as 10 and 10.0, one form is left.
    """
    return read_record(found.record).model_dump(mode="json")


def _named(found: HarvestedRecord) -> str:
    return f"{found.record['kind']} of cell {found.cell}"


def _published(told: Reproduction, at: datetime) -> LedgerEvent:
    data = {"record": told.model_dump(mode="json"), "digest": digest_of(told), "origin": None}
    return LedgerEvent(
        id=f"{told.again}/reproduction",
        type="evidence.published",
        subject=told.system,
        as_of=told.as_of,
        recorded_at=at,
        actor=TOOL,
        data=data,
    )


def _sealed_run(ledger: "Ledger", system_id: str, run_id: str) -> FinishedRun:
    finished = list(finished_in(ledger, subject=system_id))
    found = next((s for s in finished if s.event.data.get("run_id") == run_id), None)
    if found is None:
        known = [str(s.event.data.get("run_id")) for s in finished if not _repeats(s.event)]
        listed = ", ".join(known[-_SHOWN:]) or "none yet"
        raise UsageError(
            f"no run {run_id!r} of {system_id} has finished",
            where="ledger",
            remedy=f"the last ones are: {listed}",
        )
    if first := _repeats(found.event):
        raise UsageError(
            f"run {run_id} is itself a repetition", remedy=f"name the first one: {first}"
        )
    return finished_run(found)


def _repeats(event: LedgerEvent) -> str:
    return str(event.data.get("reproduces") or "")


def _require_whole(root: Path, sealed: FinishedRun) -> None:
    """Refuse a bundle that is not what the ledger recorded."""
    from ops_model.store.seal import verify_bundle

    wrong = verify_bundle(root / sealed.bundle, manifest_digest=sealed.manifest)
    if wrong:
        remedy = "restore the bundle from a copy; what was changed cannot be reproduced"
        raise IntegrityError(problems=[Problem(what, sealed.bundle, remedy) for what in wrong])


def _require_no_drill(
    path: Path,
    system_id: str,
    before: Sequence[HarvestedRecord],
    given: Mapping[str, object],
) -> None:
    """Refuse a rehearsal, by what its notebook is for or by what the run left."""
    drilled = [dict(found.record) for found in before if found.record["kind"] in DRILLS]
    if not drilled and not performed_by_somebody(path, given):
        return
    of = digest_of(drilled[-1]) if drilled else "DIGEST"
    raise UsageError(
        f"{path.stem} rehearses for real, and another rehearsal is no repetition of the first",
        remedy="somebody who was there, took no part in it and did not build the version says so, "
        f"signed where people have keys: `ops-model attest {system_id} --topic witness --of {of} "
        "--as ID --text '...' --key KEY`",
    )


def _require_same(
    root: Path,
    path: Path,
    manifest: "Manifest",
    as_of: datetime,
    snapshot: Snapshot | PortfolioSnapshot,
) -> None:
    """Refuse where the notebook or an input is not what it was; all of them are named."""
    if manifest.notebook != path.stem:
        raise UsageError(
            f"run {manifest.run_id} is one of {manifest.notebook}, not of {path.stem}",
            remedy=f"ops-model run {manifest.notebook} {manifest.system} "
            f"--reproduce {manifest.run_id}",
        )
    if as_of < manifest.as_of:
        raise UsageError(
            f"run {manifest.run_id} is as of {iso_utc(manifest.as_of)}; it cannot be reproduced "
            f"before that, as of {iso_utc(as_of)}",
            remedy="leave --as-of out",
        )
    problems = []
    if notebook_digest(path) != manifest.notebook_digest:
        remedy = "run the notebook anew with `ops-model run`, and reproduce that run"
        problems.append(Problem("the notebook changed since the run", path.name, remedy))
    problems += [
        p for given in manifest.inputs if (p := _changed(root, given, snapshot)) is not None
    ]
    if problems:
        raise NotReproducibleError(problems=problems)


def _changed(
    root: Path, given: InputIdentity, snapshot: Snapshot | PortfolioSnapshot
) -> Problem | None:
    remedy = "put back what the run read, or reproduce a run that read what there is now"
    try:
        seen = identified_again(root, given, snapshot)
    except WarehouseError as error:
        return Problem(f"an input is gone: {error.problems[0].message}", given.address, remedy)
    if seen == given:
        return None
    return Problem(
        f"an input changed since the run: {seen.digest} ({seen.extent}); sealed was "
        f"{given.digest} ({given.extent})",
        given.address,
        remedy,
    )


def _snapshot_of_then(
    root: Path, sealed: FinishedRun, ledger: "Ledger"
) -> Snapshot | PortfolioSnapshot:
    try:
        return sealed_snapshot(root, sealed.bundle, ledger)
    except (LookupError, IntegrityError) as error:
        raise NotReproducibleError(
            "was sealed in an older form, which says less than running it again needs",
            where=sealed.bundle,
            remedy="run the notebook anew with `ops-model run`, and reproduce that run",
        ) from error

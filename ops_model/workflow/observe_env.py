"""How what serves was built, as far as the tool can see it: its tests, its commit, a second build.

Each part is looked at where it is asked for; what was not looked at is None in the record, and
`sources` says where each of the others came from.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.domain.evidence import Measured
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.system import VersionTuple
from ops_model.domain.texts import hidden_in, without_credentials
from ops_model.domain.trials import EnvironmentRecord
from ops_model.domain.values import iso_utc
from ops_model.errors import UsageError
from ops_model.workflow.attest_voice import require_person
from ops_model.workflow.ci_variables import CiRun
from ops_model.workflow.observe_parity import build_again, compare
from ops_model.workflow.observed_env import Observed, Seen
from ops_model.workflow.watch_answers import Now

if TYPE_CHECKING:
    from ops_model.store.git_commit import Commit

_LONGEST = 500


@dataclass(frozen=True)
class Look:
    """What to look at.

    `ci` is what the build service says of its own run; `ci_run`, `commit` and `pull_request` are
    what somebody says instead. `reviewed_by` are people who are said to have read the change.
    `repository` is a folder of a checkout; `rebuild` builds a second time; `compare` holds this
    very environment against production, `config` being its file of configuration.
    """

    junit: tuple[Path, ...] = ()
    ci: CiRun | None = None
    ci_run: str | None = None
    commit: str | None = None
    pull_request: str | None = None
    reviewed_by: tuple[str, ...] = ()
    repository: Path | None = None
    rebuild: bool = False
    compare: bool = False
    config: Path | None = None

    @property
    def at_nothing(self) -> bool:
        """True where there is nothing to look at."""
        seen = (self.junit, self.ci, self.ci_run, self.commit, self.pull_request)
        return not any((*seen, self.reviewed_by, self.repository, self.rebuild, self.compare))


def observe_env(now: Now, system_id: str, look: Look) -> Observed:
    """Look at how the version in system.yaml was built, and note it as the tool's own record.

    Nobody is needed for that: a build service can run it.

    Raises:
        UsageError: there is nothing to look at, what is named is not there, or it would be dated
            ahead or back.
        DrillError: the build cannot be run as it is declared.
        OpsModelError: a file or a checkout cannot be read.
    """
    if look.at_nothing:
        raise UsageError(
            "there is nothing to look at: no build service is around, and no option is given",
            remedy="give --junit FILE, --repository DIR, --rebuild or --compare",
        )
    system = now.book(system_id).system
    seen, version = Seen(), system.identity.version
    _tests(look, seen)
    _run(look, seen)
    _commit(look, seen, system, now)
    _reviewers(look, seen, now)
    if look.compare:
        compare(look.config, seen, system, now)
    if look.rebuild:
        build_again(seen, system, now)
    record = EnvironmentRecord(
        system=system.id, as_of=now.as_of, claims=system.claim_refs("identity", "change"),
        inputs=tuple(seen.inputs), version=version.label, version_digest=version.digest(),
        sources=tuple(seen.sources), **seen.fields,
    )  # fmt: skip
    now.note(record)
    return Observed(record, tuple(seen.told))


def _tests(look: Look, seen: Seen) -> None:
    from ops_model.store.junit_file import read_junit

    if not look.junit:
        return
    # One that is named twice is one file: two patterns of a build may meet in it.
    found = [read_junit(path) for path in dict.fromkeys(path.resolve() for path in look.junit)]
    ran, bad = sum(f.ran for f in found), sum(f.not_passed for f in found)
    seen.inputs += [f.identity for f in found]
    names = ", ".join(f.identity.address for f in found)
    seen.note(f"tests: counted in {names}", tests=ran, ci_passed=ran > 0 and bad == 0)
    seen.told.append(f"{ran} tests ran, {bad} did not pass ({names})")


def _run(look: Look, seen: Seen) -> None:
    service = look.ci
    for name, said, known in (
        ("ci_run", look.ci_run, service.run if service else None),
        ("pull_request", look.pull_request, service.pull_request if service else None),
    ):
        if said is not None:
            given = {name: _plain(said, name)}
            seen.note(f"{name}: said by --{name.replace('_', '-')}", **given)
        elif known is not None and service is not None:
            seen.note(f"{name}: {service.service}", **{name: _plain(known, service.service)})


def _plain(said: str, by: str) -> str:
    """What is said in a few visible words; a password in an address is left out."""
    if hidden_in(said) or not 0 < len(said.strip()) <= _LONGEST:
        raise UsageError(
            f"{by} is said by a text of {len(said)} characters; expected visible text, up to "
            f"{_LONGEST} of them",
            remedy="name it as its address, or as change.yaml does",
        )
    return without_credentials(said.strip())


def _commit(look: Look, seen: Seen, system: SystemClaims, now: Now) -> None:
    version = system.identity.version
    name, source = _named(look, version)
    if name is None:
        return
    if look.repository is None:
        seen.note(f"commit: {source}, in no checkout", commit=name)
        return
    from ops_model.drill.targets import environment
    from ops_model.store.git_commit import read_commit

    commit = read_commit(look.repository, name, environment=environment())
    seen.note(f"commit: {source}, found in the checkout", commit=commit.id)
    seen.told.append(f"commit {commit.id[:12]} of {iso_utc(commit.committed_at)}")
    _read_by(commit, seen, now)
    _lead_time(commit, seen, version, now.as_of)


def _named(look: Look, version: VersionTuple) -> tuple[str | None, str]:
    """The commit that was built, and who says so."""
    if look.commit is not None:
        return look.commit, "said by --commit"
    if look.ci is not None and look.ci.commit is not None:
        return look.ci.commit, look.ci.service
    if look.repository is None:
        return None, ""
    if version.code_commit is None:
        raise UsageError(
            "nothing names the commit that was built",
            where=str(version.place_of("code_commit")),
            remedy="name it with --commit, or write `code_commit` of the version in system.yaml",
        )
    return version.code_commit, "code_commit of system.yaml"


def _read_by(commit: "Commit", seen: Seen, now: Now) -> None:
    """The people whom the commit names as readers; its author is none of them."""
    people = {p.name.casefold(): p.id for p in now.model.people.people}
    people |= {p.id: p.id for p in now.model.people.people}
    known = {name: people.get(name.casefold()) for name in commit.reviewers}
    for name in (name for name, person in known.items() if person is None):
        seen.told.append(f"the commit names a reader who is nobody in people.yaml: {name}")
    author = people.get(commit.author.casefold())
    readers = tuple(dict.fromkeys(p for p in known.values() if p is not None and p != author))
    if readers:
        seen.note("reviewed_by: the commit says so (Reviewed-by)", reviewed_by=readers)


def _lead_time(commit: "Commit", seen: Seen, version: VersionTuple, as_of: datetime) -> None:
    """How long it took from the commit until the version served its first user."""
    since, known = version.in_production_since, version.code_commit or ""
    if since is None or since > as_of or not known or not commit.id.startswith(known):
        return
    hours = (since - commit.committed_at) / timedelta(hours=1)
    if hours < 0:
        seen.told.append(
            f"no lead time: the commit is younger than what system.yaml says, that it served "
            f"since {iso_utc(since)}"
        )
        return
    lead = Measured(value=round(hours, 3), unit="h", n=1, no_interval="exact")
    seen.note("lead_time: from the commit's own date to in_production_since", lead_time=lead)


def _reviewers(look: Look, seen: Seen, now: Now) -> None:
    said = tuple(
        dict.fromkeys(require_person(now.model, p, now.as_of).id for p in look.reviewed_by)
    )
    if said:
        seen.note("reviewers_said: said by --reviewed-by, not seen", reviewers_said=said)

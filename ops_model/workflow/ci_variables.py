"""What a build service says of the run that it is in: its address, commit and pull request."""

from collections.abc import Mapping
from dataclasses import dataclass

from ops_model.domain.texts import without_credentials


@dataclass(frozen=True)
class CiRun:
    """One run of a build service; None is what it does not say."""

    service: str
    run: str | None = None
    commit: str | None = None
    pull_request: str | None = None


def ci_run(variables: Mapping[str, str]) -> CiRun | None:
    """The run that these variables are of; None where they are of no service that we know.

    GitHub Actions, GitLab CI, Jenkins and Azure Pipelines are known, by the variables that each
    sets itself.
    """
    for sign, read in _SERVICES:
        if variables.get(sign):
            return read(variables)
    return None


def _github(given: Mapping[str, str]) -> CiRun:
    base = _joined(given, "GITHUB_SERVER_URL", "GITHUB_REPOSITORY")
    run = given.get("GITHUB_RUN_ID")
    # refs/pull/12/merge; on a branch nothing says by which pull request the commit came.
    kind, _, rest = given.get("GITHUB_REF", "").removeprefix("refs/").partition("/")
    number = rest.partition("/")[0] if kind == "pull" else ""
    return CiRun(
        "GitHub Actions",
        _plain(f"{base}/actions/runs/{run}" if base and run else None),
        given.get("GITHUB_SHA") or None,
        _plain(f"{base}/pull/{number}" if base and number else None),
    )


def _gitlab(given: Mapping[str, str]) -> CiRun:
    number, project = given.get("CI_MERGE_REQUEST_IID"), given.get("CI_PROJECT_URL")
    return CiRun(
        "GitLab CI",
        _plain(given.get("CI_PIPELINE_URL") or given.get("CI_JOB_URL")),
        given.get("CI_COMMIT_SHA") or None,
        _plain(f"{project}/-/merge_requests/{number}" if project and number else None),
    )


def _jenkins(given: Mapping[str, str]) -> CiRun:
    return CiRun(
        "Jenkins",
        _plain(given.get("BUILD_URL")),
        given.get("GIT_COMMIT") or None,
        _plain(given.get("CHANGE_URL")),
    )


def _azure(given: Mapping[str, str]) -> CiRun:
    base, build = (
        _joined(given, "SYSTEM_COLLECTIONURI", "SYSTEM_TEAMPROJECT"), given.get("BUILD_BUILDID")
    )  # fmt: skip
    number = given.get("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER") or given.get(
        "SYSTEM_PULLREQUEST_PULLREQUESTID"
    )
    repository = given.get("BUILD_REPOSITORY_URI")
    return CiRun(
        "Azure Pipelines",
        _plain(f"{base}/_build/results?buildId={build}" if base and build else None),
        given.get("BUILD_SOURCEVERSION") or None,
        _plain(f"{repository}/pullrequest/{number}" if repository and number else None),
    )


_SERVICES = (
    ("GITHUB_ACTIONS", _github), ("GITLAB_CI", _gitlab), ("JENKINS_URL", _jenkins),
    ("TF_BUILD", _azure),
)  # fmt: skip
"""The variable by which each is known; a runner sets it to a word that is not empty."""


def _joined(given: Mapping[str, str], first: str, second: str) -> str:
    one, two = given.get(first, "").rstrip("/"), given.get(second, "").strip("/")
    return f"{one}/{two}" if one and two else ""


def _plain(address: str | None) -> str | None:
    """An address without a password in it: some services put one there."""
    return without_credentials(address).rstrip("/") if address else None

"""What each build service says of its own run."""

import pytest

from ops_model.workflow.ci_variables import ci_run

SHA = "a" * 40
GITHUB = {
    "GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_SHA": SHA,
    "GITHUB_REPOSITORY": "air/delays", "GITHUB_RUN_ID": "7", "GITHUB_REF": "refs/heads/main",
}  # fmt: skip
GITLAB = {
    "GITLAB_CI": "true", "CI_PIPELINE_URL": "https://gitlab.example/air/delays/-/pipelines/7",
    "CI_COMMIT_SHA": SHA, "CI_PROJECT_URL": "https://gitlab.example/air/delays",
    "CI_MERGE_REQUEST_IID": "12",
}  # fmt: skip
JENKINS = {
    "JENKINS_URL": "https://ci.example/", "BUILD_URL": "https://ci.example/job/delays/7/",
    "GIT_COMMIT": SHA, "CHANGE_URL": "https://git.example/pr/12",
}  # fmt: skip
AZURE = {
    "TF_BUILD": "True", "SYSTEM_COLLECTIONURI": "https://dev.azure.com/air/",
    "SYSTEM_TEAMPROJECT": "delays", "BUILD_BUILDID": "7", "BUILD_SOURCEVERSION": SHA,
    "BUILD_REPOSITORY_URI": "https://dev.azure.com/air/_git/delays",
    "SYSTEM_PULLREQUEST_PULLREQUESTID": "12",
}  # fmt: skip


@pytest.mark.parametrize(
    ("variables", "run", "pull_request"),
    [
        (GITHUB, "https://github.com/air/delays/actions/runs/7", None),
        ({**GITHUB, "GITHUB_REF": "refs/pull/12/merge"},
         "https://github.com/air/delays/actions/runs/7", "https://github.com/air/delays/pull/12"),
        (GITLAB, "https://gitlab.example/air/delays/-/pipelines/7",
         "https://gitlab.example/air/delays/-/merge_requests/12"),
        (JENKINS, "https://ci.example/job/delays/7", "https://git.example/pr/12"),
        (AZURE, "https://dev.azure.com/air/delays/_build/results?buildId=7",
         "https://dev.azure.com/air/_git/delays/pullrequest/12"),
    ],
    ids=["github", "github pull request", "gitlab", "jenkins", "azure"],
)  # fmt: skip
def test_each_service_is_known_by_its_own_variables(variables, run, pull_request):
    found = ci_run(variables)

    assert (found.run, found.commit, found.pull_request) == (run, SHA, pull_request)


def test_outside_of_a_build_there_is_no_run():
    assert ci_run({"PATH": "/bin", "GITHUB_SHA": SHA}) is None


@pytest.mark.parametrize("sign", ["GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL", "TF_BUILD"])
def test_a_service_that_says_nothing_but_its_name_leaves_the_rest_unknown(sign):
    found = ci_run({sign: "true"})

    assert (found.run, found.commit, found.pull_request) == (None, None, None)


def test_a_password_in_an_address_is_left_out():
    found = ci_run({**JENKINS, "BUILD_URL": "https://bot:s3cret@ci.example/job/7/"})

    assert "s3cret" not in found.run

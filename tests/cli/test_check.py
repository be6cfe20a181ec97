import json
import re
from datetime import timedelta

import pytest
from click.testing import CliRunner

from ops_model.cli import check as cli
from ops_model.cli import ops_model
from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.values import digest_of
from ops_model.errors import OpsModelError
from ops_model.store.ledger import Ledger
from ops_model.store.workbook import read_workbook
from tests.builders import AS_OF, a_model, a_workbook, an_attestation
from tests.check.making import crashing, failing
from tests.check.test_verdict import answered, assessed
from tests.checks.judged import shipped_catalogue

KEYS = {
    "system", "as_of", "verdict", "verdict_without_waivers", "areas", "five_questions", "findings",
}  # fmt: skip
FINDING_KEYS = {
    "check", "revision", "area", "status", "grade", "minimum_grade", "message", "remedy", "owner",
    "looked_at", "waived",
}  # fmt: skip


@pytest.fixture
def root(tmp_path):
    return a_workbook(tmp_path / "workbook")


def run(*args):
    return CliRunner().invoke(ops_model, [str(a) for a in args])


def test_json_has_the_keys_that_scripts_rely_on_and_nothing_else_on_stdout(root):
    finished = run("check", "flight-delay", "--json", "--workbook", root)

    said = json.loads(finished.stdout)
    assert set(said) >= KEYS
    assert all(set(f) >= FINDING_KEYS for f in said["findings"])
    keys = {"question", "answered", "breached", "answer", "simulated", "evidence"}
    assert set(said["five_questions"][0]) == keys
    assert said["as_of"] == "2013-07-22T08:00:00Z"
    assert {f["check"] for f in said["findings"]} == {c.id for c in shipped_catalogue().checks}


def test_the_digest_of_the_assessment_is_printed_by_which_a_decision_names_it(root):
    said = json.loads(run("check", "flight-delay", "--json", "--workbook", root).stdout)
    text = run("check", "flight-delay", "--workbook", root).stdout

    assert said["digest"].startswith("sha256:")
    assert f"Assessment {said['digest']}" in text.splitlines()


@pytest.mark.parametrize(("year", "code"), [(1969, 2), (1970, 1), (2199, 1), (2200, 2), (9999, 2)])
def test_an_instant_that_no_rota_reaches_is_refused_where_it_was_written(root, year, code):
    at = f"{year}-06-01T00:00:00Z"
    finished = run("check", "flight-delay", "--as-of", at, "--workbook", root)

    assert finished.exit_code == code
    said = f"Invalid value for '--as-of': '{at}' is in no year that can be judged; 1970 to 2199"
    assert (said in finished.stderr) is (code == 2)


def test_a_blocking_finding_exits_with_one(root):
    assert run("check", "flight-delay", "--workbook", root).exit_code == 1


def test_the_scorecard_says_the_verdict_first_and_why(root):
    lines = run("check", "flight-delay", "--workbook", root).stdout.splitlines()

    assert lines[0] == "DEMO ONLY  flight-delay  as of 22 Jul 2013, 08:00 UTC"
    assert lines[1].startswith("4 of the 5 questions have no answer")


def test_what_one_missing_file_leaves_open_is_told_once_for_all_checks(root):
    (root / "systems" / "flight-delay" / "fallback.yaml").unlink()

    said = run("check", "flight-delay", "--workbook", root).stdout
    blocks = said.split("What stands in the way")[1]

    heads = [n for n, line in enumerate(blocks.splitlines()) if line.startswith("? FBK-0")]
    assert len(heads) == 5
    assert heads == list(range(heads[0], heads[0] + 5))
    assert blocks.count("`ops-model new flight-delay --refresh`") == 1


def test_the_ten_things_that_matter_most_are_printed_and_the_rest_is_counted(root):
    said = run("check", "flight-delay", "--workbook", root).stdout
    blocks = said.split("What stands in the way")[1].split("What the portfolio says")[0]

    total = int(re.match(r" \((\d+)\)", blocks)[1])
    heads = re.findall(r"^[✗?!] ([A-Z]{3}-\d\d) ", blocks, re.MULTILINE)
    assert blocks.count("  do: ") == 10
    assert heads[0] == "QLT-01"  # of what opens a question, what closes the most
    assert f"... and {total - len(heads)} more: `--all` prints every one" in blocks


def test_all_prints_every_finding_that_stands_in_the_way(root):
    said = run("check", "flight-delay", "--all", "--workbook", root).stdout
    told = json.loads(run("check", "flight-delay", "--json", "--workbook", root).stdout)

    in_the_way = said.split("What stands in the way")[1]
    open_ones = [f for f in told["findings"] if f["status"] in {"failed", "unknown", "errored"}]
    assert len(open_ones) > 10
    assert all(f" {f['check']} " in in_the_way for f in open_ones)
    assert "more: `--all`" not in said


def test_days_and_people_read_as_on_the_pages(root):
    said = run("check", "flight-delay", "--all", "--workbook", root).stdout

    assert "At 22 Jul 2013, 08:00 UTC the page goes to Ana Ruiz" in said
    assert not re.search(r"\d{4}-\d\d-\d\dT", said)


def test_the_scorecard_answers_the_five_questions(root):
    text = run("check", "flight-delay", "--workbook", root).stdout

    assert "✓ Who gets paged?" in text
    assert "✗ What is the rollback, and was it tested in under ten minutes?" in text


def test_an_answer_that_holds_a_breach_is_marked_as_on_the_owners_page(capsys):
    assessment = assessed(answered())
    first, *rest = assessment.five_questions
    broken = first.model_copy(update={"answer": "Breached: accuracy fell. It holds."})

    cli._print(assessment.model_copy(update={"five_questions": (broken, *rest)}), a_model().people)

    text = capsys.readouterr().out
    assert f"▲ {first.question}\n  Breached: accuracy fell. It holds." in text
    assert text.count("✓ ") == 4


def test_every_blocking_finding_has_a_remedy_an_owner_by_name_and_a_place(root):
    text = run("check", "flight-delay", "--workbook", root).stdout

    blocking = text.split("What stands in the way")[1]
    assert "✗ RBK" not in blocking
    assert "? RBK-02 drilled recently  unknown, Was going back rehearsed lately" in blocking
    assert "the primary on call runs `ops-model drill rollback flight-delay`" in blocking
    assert "  who: Bo Li   where: systems/flight-delay/rollback.yaml:1" in blocking
    assert blocking.count("  do: ") == blocking.count("  who: ")


def test_the_scorecard_counts_every_status(root):
    text = run("check", "flight-delay", "--workbook", root).stdout

    counts = re.search(r"(\d+) checks: (.*)", text)
    each = [int(n) for n in re.findall(r"(\d+) [a-z]", counts[2])]
    assert int(counts[1]) == sum(each) == len(shipped_catalogue().checks)
    assert " passed, " in counts[2]


def test_what_the_portfolio_says_stands_apart_from_what_is_in_the_way(root):
    pilot = {"system": "flight-delay", "targets": ["0.8"], "location": "sandbox"}
    pilots = json.dumps({"operators_fte": "1", "pilots": [pilot]})
    (root / "portfolio.yaml").write_text(pilots)

    text = run("check", "flight-delay", "--workbook", root).stdout

    in_the_way, _, informs = text.partition("What the portfolio says")
    assert "PRT-" not in in_the_way
    assert "✗ PRT-04 where it lives  failed" in informs


def test_a_system_without_an_owner_says_nobody_yet(tmp_path):
    root = a_workbook(tmp_path / "w", ownership=None)

    assert "who: nobody yet" in run("check", "flight-delay", "--workbook", root).stdout


def test_what_a_workbook_says_is_printed_and_never_read_as_markup(tmp_path):
    root = a_workbook(tmp_path / "w", rollback={"from_version": "[bold red]v9[/bold red]"})

    text = run("check", "flight-delay", "--workbook", root).stdout

    assert "[bold red]v9[/bold red]" in text
    assert "\x1b[" not in text


def test_a_pipe_gets_whole_lines(root):
    text = run("check", "flight-delay", "--workbook", root).stdout

    assert max(map(len, text.splitlines())) > 200


def test_an_unknown_system_is_wrong_use_and_names_the_nearest(root):
    finished = run("check", "flight-dely", "--workbook", root)

    assert isinstance(finished.exception, OpsModelError)
    assert finished.exception.exit_code == 2
    assert "did you mean flight-delay?" in str(finished.exception)


@pytest.mark.parametrize("name", ["../flight-delay", "/etc", "Flight Delay"])
def test_a_name_that_cannot_be_an_id_is_wrong_use(root, name):
    finished = run("check", name, "--workbook", root)

    assert finished.exception.exit_code == 2


def test_the_instant_of_the_option_judges(root):
    finished = run(
        "check", "flight-delay", "--json", "--as-of", "2013-08-01T00:00:00Z", "--workbook", root
    )

    assert json.loads(finished.stdout)["as_of"] == "2013-08-01T00:00:00Z"


def test_a_wrong_threshold_is_refused_at_its_line(tmp_path):
    policy = {"thresholds": {"RBK-02": {"max_age_days": "soon"}}}
    root = a_workbook(tmp_path / "w", policy=policy)

    finished = run("check", "flight-delay", "--workbook", root)

    assert finished.exception.exit_code == 2
    assert "policy.yaml:4: RBK-02.max_age_days is 'soon'" in str(finished.exception)


def test_an_attestation_by_a_person_takes_a_finding_away(root):
    system = read_workbook(root).system("flight-delay")
    said = an_attestation(system)
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        ledger.append(
            LedgerEvent(
                id="said/1",
                type="attestation.given",
                subject=system.id,
                as_of=said.as_of,
                recorded_at=AS_OF + timedelta(days=1),
                actor="person:ana-ruiz",
                data={"record": said.model_dump(mode="json"), "digest": digest_of(said)},
            )
        )

    finished = run("check", "flight-delay", "--json", "--workbook", root)

    found = {f["check"]: f["status"] for f in json.loads(finished.stdout)["findings"]}
    assert found["OWN-01"] == "passed"


@pytest.mark.parametrize(
    ("checks", "code"),
    [
        ([], 0),
        ([crashing("ACME-01")], 3),
        ([crashing("ACME-01"), failing("ACME-02")], 1),
        ([failing("ACME-02")], 1),
    ],
)
def test_three_is_for_crashed_checks_alone(checks, code):
    assert cli.exit_code(assessed(answered(*checks))) == code


def test_a_waived_finding_does_not_block_and_is_still_shown(capsys):
    from tests.builders import a_model
    from tests.check.test_verdict import a_waiver

    assessment = assessed(answered(failing("ACME-01")), a_waiver())

    cli._print(assessment, a_model().people)

    text = capsys.readouterr().out
    assert cli.exit_code(assessment) == 0
    assert text.startswith("CONDITIONAL")
    assert "Without waivers: NOT READY" in text
    assert "Waived, and not passed (1)" in text
    assert "1 failed (1 waived)" in text


def test_the_help_says_the_exit_codes():
    assert "1 a blocking finding" in " ".join(run("check", "--help").stdout.split())


def test_limits_of_the_company_s_own_are_named_so_that_nobody_takes_them_for_ours(tmp_path):
    policy = {
        "thresholds": {"RBK-02": {"max_age_days": "20"}},
        "minimum_grades": {"SEC": dict.fromkeys("ABC", "E1")},
        "seats_by_reference": dict.fromkeys("ABC", 2),
        "approved_notebooks": ["sha256:" + "a" * 64],
    }
    own = a_workbook(tmp_path / "own", policy=policy)
    ours = a_workbook(tmp_path / "ours")

    told = run("check", "flight-delay", "--workbook", own).stdout

    assert "Judged by thresholds of policy.yaml: RBK-02 max_age_days 20 (ships " in told
    assert "Judged by minimum grades of policy.yaml: all of SEC: E1 declared (ships E" in told
    assert "Judged by rules of policy.yaml: seats decided elsewhere: 2 of 3 (ships " in told
    assert "; notebooks whose records count as observed: 1 approved here, and those that" in told
    assert "Judged by" not in run("check", "flight-delay", "--workbook", ours).stdout


def test_a_waiver_is_told_with_who_accepted_it_why_and_what_is_done_meanwhile(tmp_path):
    from tests.check.test_verdict import a_waiver

    root = a_workbook(tmp_path / "own", policy={"waivers": [a_waiver("CMP-02")]})

    text = run("check", "flight-delay", "--workbook", root).stdout
    said = json.loads(run("check", "flight-delay", "--json", "--workbook", root).stdout)

    assert "Waivers of policy.yaml (1)" in text
    for line in ("accepted by: Flo", "reason: agreed in June", "meanwhile: weekly look"):
        assert f"\n  {line}" in text
    (waiver,) = said["waivers"]
    assert (waiver["check"], waiver["accepted_by"], waiver["until"], waiver["renewals"]) == (
        "CMP-02", "flo-risk", "2013-08-01", 0,
    )  # fmt: skip
    assert waiver["counts"] is (not waiver["why_not"])
    assert said["set_by_policy"] == {
        "thresholds": [], "minimum_grades": [], "seats_by_reference": None,
        "approved_notebooks": 0,
    }  # fmt: skip


def test_a_message_of_several_lines_looks_like_no_line_of_ours(capsys):
    from ops_model.check.api import failed
    from tests.builders import a_model
    from tests.check.making import a_check

    def answer(ctx):
        return failed("no\nREADY  flight-delay", looked_at=[ctx.system.where], remedy="do\n✓ it")

    cli._print(assessed(answered(a_check("ACME-01", answer))), a_model().people)

    lines = capsys.readouterr().out.splitlines()
    assert "  READY  flight-delay" in lines
    assert not any(line.startswith(("READY  ", "✓ it")) for line in lines)

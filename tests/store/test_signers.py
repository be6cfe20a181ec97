"""`allowed_signers`: OpenSSH reads the same file; what blurs whose key it is, is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from ops_model.domain.people import People
from ops_model.domain.signers import NAMESPACE, keys_of, why_not_enrolled
from ops_model.errors import WorkbookError
from ops_model.store.signers import read_signers
from ops_model.store.sshsig import SshSignature
from ops_model.store.workbook import read_workbook
from tests.builders import PEOPLE, a_workbook
from tests.store.ssh_keys import a_key, enrolled, public, ssh_keygen, verified

PERSON = "fay-product"
AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    return a_key(tmp_path_factory.mktemp("keys"), "key")


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    return a_key(tmp_path_factory.mktemp("keys"), "other")


def read(folder, text, *, revoked="", zone="UTC"):
    (folder / "allowed_signers").write_text(text)
    (folder / "revoked_keys").write_text(revoked)
    return read_signers(folder, People.model_validate(PEOPLE), zone)


def problem(folder, text, **more):
    signers, problems = read(folder, text, **more)
    assert signers == ()
    (found,) = problems
    assert found.remedy
    return f"{found.where}: {found.message}"


def test_a_line_names_a_person_a_namespace_and_a_key(tmp_path, key):
    text = f"# product\n\n{enrolled(key, PERSON).rstrip()} work laptop\n"

    (signer,), problems = read(tmp_path, text)

    assert problems == []
    assert (signer.person, signer.key) == (PERSON, public(key))
    assert signer.namespaces == (NAMESPACE,)
    assert str(signer.where) == "allowed_signers:3"


def test_no_file_enrols_nobody(tmp_path):
    assert read_signers(tmp_path, None, "UTC") == ((), [])


def test_several_principals_and_patterns_of_namespaces_are_read(tmp_path, key):
    line = f'fay-product,bo-li namespaces="git, ops-model-*,!ops-model-old" {public(key)}\n'

    signers, problems = read(tmp_path, line)

    assert problems == []
    assert [s.person for s in signers] == ["fay-product", "bo-li"]
    assert signers[0].enrolled_for(NAMESPACE)
    assert not signers[0].enrolled_for("ops-model-old")
    assert not signers[0].enrolled_for("file")


def test_times_are_of_the_workbooks_zone_unless_they_say_utc(tmp_path, key):
    line = (
        f'{PERSON} valid-after="20260101",valid-before="202606301200Z",namespaces="git" '
        f"{public(key)}\n"
    )

    (signer,), _ = read(tmp_path, line, zone="Europe/Berlin")

    # Midnight in Berlin is eleven in the evening before in UTC.
    assert signer.valid_after == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert signer.valid_before == datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{key}", "names nobody whose key it is"),
        ("*@example.org {key}", "names '*@example.org'; expected an id of people.yaml"),
        ("fay-product,* {key}", "names '*'; expected an id"),
        ("fay-prodct {key}", "fay-prodct is nobody in people.yaml"),
        ("fay-product cert-authority {key}", "enrols a certificate authority"),
        ("fay-product ssh-ed25519 AAAA", "holds no key"),
        ("fay-product ssh-dss AAAAB3NzaC1kc3M=", "holds neither a key type nor an option"),
        ("fay-product", "holds no key; expected PERSON"),
        ("fay-product namespaces=git {key}", "holds neither a key type nor an option"),
        ('fay-product namespaces="" {key}', "the option namespaces has no value in quotes"),
        ('fay-product namespaces="a",namespaces="b" {key}', "namespaces is given twice"),
        ('fay-product valid-after="yesterday" {key}', "valid-after is 'yesterday'"),
        ('fay-product valid-before="20261332" {key}', "valid-before is '20261332'"),
        ('fay-product no-touch-required {key}', "holds neither a key type nor an option"),
    ],
)  # fmt: skip
def test_what_blurs_whose_key_it_is_is_refused_at_its_line(line, said, tmp_path, key):
    told = problem(tmp_path, "# first\n" + line.format(key=public(key)) + "\n")

    assert told.startswith("allowed_signers:2: ")
    assert said in told


@pytest.mark.parametrize("file", ["allowed_signers", "revoked_keys"])
@pytest.mark.parametrize("headed", [True, False], ids=["whole", "without its first line"])
def test_a_private_key_that_was_pasted_is_refused_and_never_repeated(tmp_path, file, headed):
    lines = a_key(tmp_path, "pasted").read_text().splitlines()
    (tmp_path / file).write_text("\n".join(lines if headed else lines[1:-2]))

    _, problems = read_signers(tmp_path, None, "UTC")

    told = " ".join(str(problem) for problem in problems)
    assert told
    assert not [line for line in lines[1:-1] if line[:24] in told]
    assert headed is ("holds a private key; nobody may see it" in told)


def test_all_problems_of_both_files_are_told_at_once(tmp_path, key):
    _, problems = read(tmp_path, f"* {public(key)}\nnobody {public(key)}\n", revoked="nonsense\n")

    assert [p.where for p in problems] == [
        "allowed_signers:1", "allowed_signers:2", "revoked_keys:1"
    ]  # fmt: skip


def test_a_workbook_with_a_broken_line_is_refused_with_its_place(tmp_path, key):
    root = a_workbook(tmp_path / "workbook") if (tmp_path / "workbook").mkdir() is None else None
    (root / "allowed_signers").write_text(f"fay-prodct {public(key)}\n")

    with pytest.raises(WorkbookError, match="allowed_signers:1: fay-prodct is nobody") as refused:
        read_workbook(root)

    assert refused.value.exit_code == 2
    assert "did you mean fay-product?" in str(refused.value)


def test_a_file_that_is_no_text_or_too_large_is_refused(tmp_path):
    (tmp_path / "allowed_signers").write_bytes(b"\xff\xfe")
    assert "it is no UTF-8" in read_signers(tmp_path, None, "UTC")[1][0].message
    (tmp_path / "allowed_signers").write_text("#" * 1_100_000)
    assert "is larger than" in read_signers(tmp_path, None, "UTC")[1][0].message
    (tmp_path / "allowed_signers").unlink()
    (tmp_path / "allowed_signers").mkdir()
    assert "cannot be read" in read_signers(tmp_path, None, "UTC")[1][0].message


@pytest.mark.parametrize("name", ["revoked_key", "revoked-keys", "allowed_signers.txt"])
def test_a_misspelled_list_of_keys_is_told_and_not_passed_over(tmp_path, name):
    (tmp_path / name).write_text("")
    (tmp_path / "allowed_signers~").write_text("")

    _, problems = read_signers(tmp_path, None, "UTC")

    assert [p.where for p in problems] == [name]
    assert "is no file of a workbook; expected" in problems[0].message


WHEN = "20260501120000Z"
LINES = [
    ("", True),
    (f'namespaces="{NAMESPACE}"', True),
    ('namespaces="git"', False),
    ('namespaces="git,ops-model-signoff-v?"', True),
    (f'namespaces="*,!{NAMESPACE}"', False),
    ('valid-after="20260601Z"', False),
    ('valid-before="20260101Z"', False),
    ('valid-after="20260101Z",valid-before="20260601Z"', True),
    (f'valid-before="{WHEN}"', True),
    (f'valid-after="{WHEN}"', True),
]


@pytest.mark.parametrize(("options", "counts"), LINES)
def test_openssh_says_the_same_of_every_line(options, counts, tmp_path, key):
    line = enrolled(key, PERSON, options=options)
    done = ssh_keygen("-Y", "sign", "-q", "-n", NAMESPACE, "-f", str(key), said=b"a decision")
    armor = done.stdout.decode()

    signers, _ = read(tmp_path, line)
    ours = why_not_enrolled(signers, PERSON, SshSignature.of_armor(armor).key.text, AT)
    theirs = verified(tmp_path, armor, b"a decision", line, as_whom=PERSON, at=WHEN)

    assert (ours == "") is counts
    assert theirs is counts


def test_the_key_of_one_is_not_that_of_another(tmp_path, key, other):
    text = enrolled(key, "fay-product") + enrolled(other, "bo-li")
    signers, _ = read(tmp_path, text)

    assert why_not_enrolled(signers, "fay-product", public(key), AT) == ""
    assert why_not_enrolled(signers, "fay-product", public(other), AT) == (
        "the key is that of bo-li, not of fay-product"
    )
    nobody = "ssh-ed25519 AAAA"
    assert "is enrolled for nobody" in why_not_enrolled(signers, "fay-product", nobody, AT)


def test_a_key_of_two_people_speaks_for_neither(tmp_path, key):
    text = enrolled(key, "fay-product") + enrolled(key, "bo-li")
    signers, problems = read(tmp_path, text)

    assert problems == []
    assert why_not_enrolled(signers, "bo-li", public(key), AT) == (
        "the key is enrolled for bo-li and fay-product, and so speaks for none of them"
    )


def test_a_revoked_key_counts_for_nothing_whenever_it_signed(tmp_path, key, other):
    text = enrolled(key, PERSON) + enrolled(other, PERSON)
    signers, _ = read(tmp_path, text, revoked=f"# lost\n{public(key)} laptop\n")

    assert why_not_enrolled(signers, PERSON, public(key), AT) == ("the key stands in revoked_keys")
    assert [s.key for s in keys_of(signers, PERSON, AT)] == [public(other)]


def test_the_end_of_an_enrolment_is_told(tmp_path, key):
    signers, _ = read(tmp_path, enrolled(key, PERSON, options='valid-before="20260101Z"'))

    why = why_not_enrolled(signers, PERSON, public(key), AT + timedelta(days=1))

    assert why == "the key was enrolled until 2026-01-01T00:00:00Z"

"""Start a check of one's own: a file that loads and judges as it stands, and its test."""

from pathlib import Path
from string import Template

from ops_model.check.catalogue import Catalogue
from ops_model.check.question import ID_PATTERN
from ops_model.domain.policy import DEFAULT_MINIMUM_GRADES
from ops_model.errors import OpsModelError, UsageError
from ops_model.workflow.own_checks import FOLDER, catalogue_of

FOUR_QUESTIONS = (
    "What would a reader do differently if it failed?",
    "Which evidence answers it, and of what grade?",
    "Who may waive it?",
    "At which tier does it start?",
)
"""What to answer before one writes a check."""
DEFAULT_PREFIX = "OURS"
STARTER_PURPOSE = "TBD - what it decides or answers, in one sentence"
"""What a new system.yaml holds as its purpose; a check must not take it for an answer."""

_CHECK = Template('''\
"""$id: say here what this check is about.

Before you go on, answer:
$questions
"""

from ops_model.check.api import (
    Context,
    Outcome,
    check,
    failed,
    passed,
    short_of_words,
    unknown,
)

NOT_WRITTEN_YET = "$starter"
"""What a new system.yaml holds; who counts its words only would let it pass."""


@check(
    "$id",
    question="Does the purpose say enough to judge the system by?",
    area="$area",
    source=["own"],  # what asks for it: a policy of yours, a contract, an incident
    revision=1,  # raise it whenever a status comes to mean something else
)
def $slug(ctx: Context, *, fewest_words: int = 5) -> Outcome:
    """Who cannot say what a system is for cannot say when it fails."""
    # A message says what was found, never that a law or a standard is met: no check shows that.
    looked_at = [ctx.system.identity.place_of("purpose")]
    remedy = f"the owner says in systems/{ctx.system.id}/system.yaml what it is for"
    purpose = ctx.system.identity.purpose
    if purpose == NOT_WRITTEN_YET:
        return unknown(
            "missing", "nobody has written yet what it is for", looked_at=looked_at, remedy=remedy
        )
    short = short_of_words(purpose, fewest_words)
    if short:
        return failed(
            f"the purpose says too little: {short}", looked_at=looked_at, remedy=remedy
        )
    return passed("the purpose says what the system is for", looked_at=looked_at)
''')
_TEST = Template('''\
"""$id answers as it should: `python -m pytest $folder`."""

from pathlib import Path

from ops_model.check.catalogue import load_catalogue
from ops_model.check.trial import a_context

CHECK = load_catalogue([Path(__file__).resolve().parent.parent]).check("$id")


def test_${slug}_passes_where_the_purpose_is_said():
    answer = CHECK(a_context(identity={"purpose": "says which flights will arrive late"}))

    assert answer.status == "passed"
    assert answer.looked_at


def test_${slug}_fails_where_a_word_stands_for_a_purpose():
    answer = CHECK(a_context(identity={"purpose": "flights"}))

    assert answer.status == "failed"
    assert "1 word" in answer.message
    assert answer.remedy


def test_${slug}_is_unknown_while_it_says_what_a_new_file_does():
    answer = CHECK(a_context(identity={"purpose": "$starter"}))

    assert answer.status == "unknown"
    assert answer.remedy


def test_${slug}_asks_for_as_many_words_as_the_policy_says():
    answer = CHECK(a_context(identity={"purpose": "flights"}), fewest_words=1)

    assert answer.status == "passed"
''')


def start_check(root: Path, check_id: str | None, *, area: str) -> tuple[Path, Path]:
    """Write a check file and its test into the workbook.

    Args:
        root: the workbook's folder.
        check_id: the id of the new check; None is the next that is free.
        area: the area that it belongs to.

    Returns:
        The two files, relative to `root`.

    Raises:
        UsageError: the id has the wrong form, is ours or taken; or a file is there already.
        CatalogueError: the checks that are there do not load.
        OpsModelError: the disk refuses.
    """
    catalogue = catalogue_of(root)
    check_id = check_id or _next_id(catalogue)
    _refuse(catalogue, check_id)
    name = check_id.lower().replace("-", "_")
    check, test = Path(FOLDER, f"{area}_{name}.py"), Path(FOLDER, "tests", f"test_{name}.py")
    if taken := next((path for path in (check, test) if (root / path).exists()), None):
        raise UsageError(
            "is there already; nothing was written",
            where=str(taken),
            remedy="choose another id, or take the file away first",
        )
    said = {
        "id": check_id,
        "area": area,
        "slug": "purpose_says_enough",
        "folder": FOLDER,
        "starter": STARTER_PURPOSE,
        "questions": "\n".join(f"- {question}" for question in FOUR_QUESTIONS),
    }
    texts = {root / test: _TEST.substitute(said), root / check: _CHECK.substitute(said)}
    written: list[Path] = []
    try:
        (root / test).parent.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(text)
    except OSError as error:
        for path in written:
            path.unlink()
        raise OpsModelError(
            f"cannot be written: {error.strerror}",
            where=FOLDER,
            remedy="see that the disk has room, and that you may write in the workbook",
        ) from error
    return check, test


def _next_id(catalogue: Catalogue) -> str:
    """The next number under the prefix of one's own that is used most, or under `OURS`."""
    own = [c for c in catalogue.checks if c.group not in DEFAULT_MINIMUM_GRADES]
    groups = [c.group for c in own] or [DEFAULT_PREFIX]
    prefix = max(sorted(set(groups)), key=groups.count)
    used = [int(c.id.split("-")[1]) for c in own if c.group == prefix]
    return f"{prefix}-{max(used, default=0) + 1:02d}"


def _refuse(catalogue: Catalogue, check_id: str) -> None:
    group = check_id.split("-", maxsplit=1)[0]
    if not ID_PATTERN.match(check_id):
        raise UsageError(
            f"the id {check_id!r} has the wrong form; expected letters, a hyphen, two digits",
            remedy="write it as ACME-01, with a prefix of your own",
        )
    if group in DEFAULT_MINIMUM_GRADES:
        raise UsageError(
            f"the prefix {group} is that of checks that come with ops-model",
            remedy="take one of your own, such as ACME-01",
        )
    if catalogue.check(check_id) is not None:
        raise UsageError(
            f"there is a check {check_id} already, at {catalogue.origins[check_id]}",
            remedy=f"the next that is free is {_next_id(catalogue)}",
        )

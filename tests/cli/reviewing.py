"""A workbook whose review is open, real keys, and the two commands as a person calls them."""

import json
import re
from pathlib import Path

from click.testing import CliRunner, Result

from ops_model.cli.review import command as review_command
from ops_model.cli.sign import command as sign_command
from ops_model.store.ledger import Ledger
from tests.builders import a_workbook
from tests.store.ssh_keys import a_key, enrolled

SYSTEM = "flight-delay"
MEANING = "I have read the pack and answer for my part of it."
SEATED = {"product": "fay-product", "reliability": "bo-li", "compliance": "di-legal"}


def keys(folder: Path) -> dict[str, Path]:
    """A key for everybody who sits, for the owner, and one that nobody enrolled."""
    return {name: a_key(folder, name) for name in (*SEATED.values(), "ana-ruiz", "mallory")}


def enrol(root: Path, of: dict[str, Path], *people: str, **options: str) -> None:
    """Write `allowed_signers` anew; `options` by the person's name with underscores."""
    lines = [
        enrolled(of[person], person, **{"options": given} if given is not None else {})
        for person in people or SEATED.values()
        for given in [options.get(person.replace("-", "_"))]
    ]
    (root / "allowed_signers").write_text("".join(lines))


def a_review(root: Path, of: dict[str, Path], **areas) -> Path:
    """A workbook with a pack that is frozen, and the three seats' keys."""
    root.mkdir()
    a_workbook(root, **areas)
    enrol(root, of)
    assert review(root).exit_code == 0
    return root


def run(command, root: Path, *arguments: object) -> Result:
    given = [str(a) for a in (SYSTEM, *arguments, "--workbook", root)]
    return CliRunner().invoke(command, given)


def review(root: Path, *arguments: object) -> Result:
    """`ops-model review`."""
    return run(review_command, root, *arguments)


def pack(root: Path) -> str:
    """The digest of the present pack."""
    return json.loads(review(root, "--json").stdout)["pack_digest"]


def sign(root: Path, seat: str | None = "product", *arguments: object, **given: object) -> Result:
    """`ops-model sign`, as the seat's own person would call it; `given` changes an option."""
    options = {"as": seat, "decision": "approve", "meaning": MEANING, "pack": None, **given}
    options["pack"] = options["pack"] or pack(root)
    flags = [
        f for name, value in options.items() if value is not None for f in (f"--{name}", value)
    ]
    return run(sign_command, root, *flags, *arguments)


def refusal(result: Result) -> str:
    """What a refused command said, all of it wrong use."""
    assert getattr(result.exception, "exit_code", None) == 2, result.output + repr(
        result.exception
    )
    told = str(result.exception)
    assert re.search(r"\n  to fix: \S", told), told
    return told


def entries(root: Path) -> list[str]:
    """The types of what is on the ledger."""
    with Ledger.open(root / "ledger.db", readonly=True) as ledger:
        return [stored.event.type for stored in ledger.events()]

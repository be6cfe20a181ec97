"""What a test run says in JUnit XML: how many tests ran, and how many did not pass.

The cases are counted, not the sums that stand above them. Nothing is expanded: a file that
declares entities, or a document type at all, is refused.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from xml.parsers import expat

from ops_model.domain.evidence import InputIdentity
from ops_model.errors import OpsModelError

LARGEST_JUNIT = 64 * 1024 * 1024
_CHUNK = 1 << 16
_SUITES = frozenset({"testsuite", "testsuites"})
_ENDS = frozenset({"failure", "error", "skipped"})
_REMEDY = "name the JUnit XML that the test runner writes, such as `pytest --junit-xml FILE`"


@dataclass(frozen=True)
class JUnitRun:
    """The tests of one file that ran, those among them that did not pass, and what was read."""

    ran: int
    not_passed: int
    identity: InputIdentity


@dataclass
class _Cases:
    """Counts cases; a case that failed twice is one, and a suite's own error is one too."""

    cases: int = 0
    skipped: int = 0
    not_passed: int = 0
    path: list[str] = field(default_factory=list)
    ends: set[str] = field(default_factory=set)

    def start(self, name: str, _: dict[str, str]) -> None:
        """An element begins."""
        tag = name.rpartition("}")[2].rpartition(":")[2]
        if not self.path and tag not in _SUITES:
            message = f"begins with <{tag[:40]}>; expected <testsuites> or <testsuite>"
            raise ValueError(message)
        within = self.path[-1] if self.path else ""
        if tag == "testcase":
            self.ends = set()
        elif tag in _ENDS and within == "testcase":
            self.ends.add(tag)
        elif tag in {"failure", "error"} and within in _SUITES:
            self.not_passed += 1
        self.path.append(tag)

    def end(self, _: str) -> None:
        """An element ends."""
        if self.path.pop() != "testcase":
            return
        self.cases += 1
        if self.ends & {"failure", "error"}:
            self.not_passed += 1
        elif "skipped" in self.ends:
            self.skipped += 1


def read_junit(path: Path) -> JUnitRun:
    """The tests of one file; a skipped one did not run.

    Raises:
        OpsModelError: it cannot be read, is too large, or is no JUnit XML.
    """
    found, digest, size = _Cases(), sha256(), 0
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = found.start, found.end
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                if size > LARGEST_JUNIT:
                    raise ValueError(f"is larger than {LARGEST_JUNIT >> 20} MB")  # noqa: TRY301 - becomes the message below
                digest.update(chunk)
                parser.Parse(chunk, False)  # noqa: FBT003 - expat takes it by position
        parser.Parse(b"", True)  # noqa: FBT003 - as above
    except OSError as error:
        why = f"cannot be read: {error.strerror or 'unknown reason'}"
        raise OpsModelError(why, where=str(path), remedy=_REMEDY) from error
    except expat.ExpatError as error:
        why = f"is no whole XML: {expat.ErrorString(error.code)}, line {error.lineno}"
        raise OpsModelError(why, where=str(path), remedy=_REMEDY) from error
    except ValueError as error:
        raise OpsModelError(str(error), where=str(path), remedy=_REMEDY) from error
    identity = InputIdentity(
        address=path.name, kind="file", files=1, bytes=size, digest=f"sha256:{digest.hexdigest()}"
    )
    return JUnitRun(found.cases - found.skipped, found.not_passed, identity)


def _refuse_doctype(*_: object) -> None:
    message = "declares a document type; expected JUnit XML without one"
    raise ValueError(message)

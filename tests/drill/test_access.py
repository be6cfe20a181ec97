"""A command that shows access: how it ended, what it printed, and what it left behind."""

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from ops_model.drill.access import try_access

HERE = {"PATH": os.environ["PATH"], "HOME": str(Path.home()), "TOKEN": "my-own"}


def tried(tmp_path, code, **options):
    """What became of a line of Python."""
    command = ("python", "-c", textwrap.dedent(code))
    values = {"root": tmp_path, "environment": HERE, "seconds": 20.0}
    return try_access(command, **{**values, **options})


def gone(pid):
    """True when no such process runs, or what is left of it is only waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def soon(met, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not met() and time.monotonic() < deadline:
        time.sleep(0.02)
    return met()


def test_it_runs_in_the_workbooks_folder_with_all_that_is_in_the_persons_environment(tmp_path):
    found = tried(tmp_path, "import os; print(os.getcwd(), os.environ['TOKEN'])", keep=True)

    assert found.why == ""
    assert found.printed == f"{tmp_path} my-own\n"


def test_what_is_printed_is_counted_and_not_kept(tmp_path):
    found = tried(tmp_path, "print('a'); print('b'); print('c', end='')", prints=True)

    assert (found.why, found.lines, found.printed) == ("", 3, "")


@pytest.mark.parametrize("printed", ["", r"\n\n  \n"])
def test_a_query_that_prints_nothing_to_read_has_not_worked(tmp_path, printed):
    found = tried(tmp_path, f"print('{printed}', end='')", prints=True)

    assert (found.why, found.lines) == ("nothing printed", 0)


def test_a_no_op_may_be_silent(tmp_path):
    assert tried(tmp_path, "pass").why == ""


def test_how_it_failed_is_its_exit_code_and_its_first_complaint_is_for_the_terminal(tmp_path):
    found = tried(
        tmp_path,
        "import sys; print('\\n no right\\nsecret', file=sys.stderr); sys.exit(3)",
    )

    assert (found.why, found.complaint) == ("exit 3", "no right")


@pytest.mark.parametrize(
    ("command", "why", "said"),
    [
        (("no-such-program-here",), "no such command", "is nowhere on PATH"),
        (("kubectl auth can-i",), "no such command", "[kubectl, auth, can-i]"),
        (("./not-there.sh",), "no such command", "is nowhere on PATH"),
        (("./notes.txt",), "may not be run", ""),
    ],
)
def test_a_command_that_is_not_there_is_told_from_one_that_failed(tmp_path, command, why, said):
    (tmp_path / "notes.txt").write_text("no program")

    found = try_access(command, root=tmp_path, environment=HERE, seconds=5)

    assert found.why == why
    assert said in found.complaint


def test_a_script_of_the_workbook_is_found_from_its_folder_whatever_its_name(tmp_path):
    script = tmp_path / "one request"
    script.write_text("#!/bin/sh\necho found\n")
    script.chmod(0o755)

    found = try_access(
        ("./one request",), root=tmp_path, environment=HERE, seconds=5, prints=True
    )  # fmt: skip

    assert (found.why, found.lines) == ("", 1)


def test_one_that_hangs_is_ended_with_its_children_when_its_time_is_over(tmp_path):
    note = tmp_path / "pid"

    found = tried(
        tmp_path,
        f"""
        import pathlib, subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        pathlib.Path({str(note)!r}).write_text(str(child.pid))
        time.sleep(600)
        """,
        seconds=1.5,
    )

    assert found.why == "took over 1.5 s"
    assert found.seconds < 6
    assert soon(lambda: gone(note.read_text()))


@pytest.mark.parametrize("flees", ["False", "True"])
def test_what_it_leaves_running_is_ended_even_where_it_fled_from_its_session(tmp_path, flees):
    note = tmp_path / "pid"

    found = tried(
        tmp_path,
        f"""
        import pathlib, subprocess, sys
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"],
                                 start_new_session={flees})
        pathlib.Path({str(note)!r}).write_text(str(child.pid))
        """,
    )

    # The child holds the pipes of the command, and nobody waits for it.
    assert (found.why, found.seconds < 5) == ("", True)
    assert soon(lambda: gone(note.read_text()))


def test_a_gigabyte_is_read_past_and_never_held(tmp_path):
    code = f"""
        import os, resource, sys, textwrap
        sys.path[:0] = {sys.path!r}
        from pathlib import Path
        from ops_model.drill.access import try_access
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        loud = "import os\\nfor _ in range(1024): os.write(1, b'spoken\\\\n' * 149796 + b'1234')"
        found = try_access(("python", "-c", loud), root=Path.cwd(), seconds=60,
                           environment=dict(os.environ), prints=True, keep=True)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(found.why or "worked", found.lines, len(found.printed), grown // 1024)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=tmp_path, capture_output=True, text=True
    )

    worked, lines, kept, grown = done.stdout.split()
    assert (worked, kept) == ("worked", str(16 * 1024)), done.stderr
    assert int(lines) == 1024 * 149796 + 1
    assert int(grown) < 64  # megabytes


def test_it_dies_with_whoever_runs_the_drill(tmp_path):
    note = tmp_path / "pid"
    inner = (
        f"import pathlib, os, time; pathlib.Path({str(note)!r}).write_text(str(os.getpid())); "
        "time.sleep(600)"
    )
    code = f"""
        import os, sys
        sys.path[:0] = {sys.path!r}
        from pathlib import Path
        from ops_model.drill.access import try_access
        try_access(("python", "-c", {inner!r}), root=Path.cwd(), seconds=60,
                   environment=dict(os.environ))
    """
    drill = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], cwd=tmp_path)
    assert soon(lambda: note.exists() and note.read_text(), 10)

    drill.kill()
    drill.wait()

    assert soon(lambda: gone(note.read_text()))

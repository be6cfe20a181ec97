"""What a kernel sees of the machine."""

from pathlib import Path

from ops_model.notebook.execution import short_message
from ops_model.notebook.kernel import ALLOWED, kernel_environment, private_kernel, withheld_values
from ops_model.notebook.spec import RunFailure


def test_a_kernel_gets_what_is_allowed_and_nothing_else():
    secret = {"AWS_SECRET_ACCESS_KEY": "s", "GIT_TOKEN": "t", "OPS_MODEL_CHECKPOINT_KEY": "/k"}
    environ = {"HOME": "/h", "LC_ALL": "C", **secret}

    environment = kernel_environment(environ, Path("/private"))

    assert environment["HOME"] == "/h"
    assert environment["LC_ALL"] == "C"
    assert not secret.keys() & environment.keys()


def test_no_name_that_is_allowed_can_be_that_of_a_secret():
    environ = dict.fromkeys(ALLOWED | {"LC_ALL"}, "horse-7-blue")

    assert withheld_values(environ) == ()


def test_the_secrets_that_a_kernel_does_not_get_are_known_by_value_longest_first():
    environ = {
        "PGPASSWORD": "horse-7-blue", "AWS_SECRET_ACCESS_KEY": "horse-7-blue-and-9",
        "GIT_TOKEN": "t0ken-of-git", "HOME": "/home/mika7", "EDITOR": "horse-8-red",
    }  # fmt: skip

    assert withheld_values(environ) == ("horse-7-blue-and-9", "horse-7-blue", "t0ken-of-git")


def test_a_value_that_may_stand_in_any_report_is_none_that_is_looked_for():
    environ = {
        "DB_PASSWORD": "postgres", "API_KEY": "none", "TOKEN": "1234567890",
        "PWD": "/home/mika7/flights", "OLDPWD": "/home/mika7",
    }  # fmt: skip

    assert withheld_values(environ) == ()


def test_a_users_own_ipython_folder_is_not_the_kernels():
    environment = kernel_environment({"IPYTHONDIR": "/h/.ipython"}, Path("/private"))

    assert environment["IPYTHONDIR"] == "/private/ipython"


def test_the_kernels_sockets_are_files_that_only_the_user_can_open():
    with private_kernel() as kernel:
        folder = Path(kernel.manager.connection_file).parent
        mode = folder.stat().st_mode & 0o777
        transport = kernel.manager.transport

    assert (mode, transport) == (0o700, "ipc")
    assert not folder.exists()


def test_an_errors_text_is_cut_to_twenty_lines():
    text = "\n".join(f"line {n}" for n in range(50))

    lines = short_message(text).splitlines()

    assert (lines[0], lines[19], lines[20]) == ("line 0", "line 19", "… 30 more lines")


def test_an_errors_text_loses_long_values_and_colours():
    text = f"\x1b[31mcannot parse\x1b[0m '{'p' * 60}' near {'x' * 130}"

    assert short_message(text) == "cannot parse '… 60 characters …' near … 130 characters …"


def test_an_errors_text_loses_its_secrets_before_it_is_cut():
    text = f"cannot log in to postgresql://ops:{'p4' * 80}@db.example/x with horse-7-blue"

    assert short_message(text, withheld=["horse-7-blue"]) == (
        "cannot log in to postgresql://[redacted:url_password]@db.example/x with "
        "[redacted:withheld]"
    )


def test_a_failure_holds_no_secret_whoever_makes_it():
    failure = RunFailure(reason="error", error="a b", message="passwd=x7x7x7 of ada@example.org")

    assert failure.error == "Exception"
    assert failure.message == "passwd=[redacted:named_secret] of [redacted:email]"

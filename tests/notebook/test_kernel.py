"""What a kernel sees of the machine."""

from pathlib import Path

from ops_model.notebook.engine import short_message
from ops_model.notebook.kernel import kernel_environment, private_kernel


def test_a_kernel_gets_what_is_allowed_and_nothing_else():
    environ = {"HOME": "/h", "LC_ALL": "C", "AWS_SECRET_ACCESS_KEY": "s", "GIT_TOKEN": "t"}

    environment = kernel_environment(environ, Path("/private"))

    assert environment["HOME"] == "/h"
    assert environment["LC_ALL"] == "C"
    assert not {"AWS_SECRET_ACCESS_KEY", "GIT_TOKEN"} & set(environment)


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

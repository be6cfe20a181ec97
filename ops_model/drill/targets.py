"""A server to rehearse against: started from the claims, spoken to on this machine alone."""

import json
import os
import queue
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO, Any

from ops_model.drill import leash
from ops_model.drill.address import Address, Connection, local_address
from ops_model.drill.record import StoredRecord
from ops_model.errors import DrillError

START_SECONDS = 30
ANSWER_SECONDS = 5
RECORDS_SECONDS = 60
STOP_SECONDS = 5
LARGEST_ANSWER = 1024 * 1024
MARK = "OPS_MODEL_DRILL"
"""The variable by which whatever a drill started is known; its value is the drill's id."""


class TargetError(Exception):
    """The target did not answer as it should; says how."""


def environment() -> dict[str, str]:
    """The environment of what a drill starts; the same wherever the drill is started from.

    No variable of the user's is passed on, so no secret is. A target that needs one is started by
    a script that sets it.
    """
    here = str(Path(sys.executable).parent)
    return {
        "PATH": os.pathsep.join([here, *os.get_exec_path()]),
        "HOME": str(Path.home()),
        "LANG": "C.UTF-8",
        "TMPDIR": tempfile.gettempdir(),
    }


def interpreter_path() -> dict[str, str]:
    """Lets this interpreter find in a child what it finds here."""
    return {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p and Path(p).is_dir())}


def command_line(command: tuple[str, ...], drill_id: str) -> tuple[list[str], dict[str, str]]:
    """Arguments and marked environment; `python` means this interpreter."""
    arguments, env = plain_command(command)
    return arguments, env | {MARK: drill_id}


def plain_command(command: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
    """Arguments and environment without a mark, for what may leave something running."""
    if command[0] == "python":
        return [sys.executable, *command[1:]], environment() | interpreter_path()
    return list(command), environment()


class Server:
    """A target. `stop` ends one that was started; so does the death of this process.

    One that ran already (no `process`) is never ended by a drill, nor started anew.
    """

    def __init__(self, address: Address, process: "subprocess.Popen[bytes] | None" = None) -> None:
        self.address = address
        self._process = process

    @property
    def ours(self) -> bool:
        """True when the drill started it, and may start it anew."""
        return self._process is not None

    def get(self, path: str) -> tuple[int, Any]:
        """Status and JSON of a GET.

        Raises:
            TargetError: no answer, or none in time.
        """
        return self._ask("GET", path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        """Status and JSON of a POST; the JSON is None where the answer is none.

        Raises:
            TargetError: no answer, or none in time.
        """
        return self._ask("POST", path, json.dumps(body).encode())

    def records(self, path: str) -> list[StoredRecord]:
        """Every stored record, as the target lists them, one JSON line each.

        Raises:
            TargetError: no answer, a broken one, or a line that is no record.
        """
        deadline = time.monotonic() + RECORDS_SECONDS
        connection = self._connection(seconds=RECORDS_SECONDS)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            if response.status != 200:
                raise TargetError(f"GET {path} answered {response.status}; expected 200")
            return list(_stored_records(path, response, deadline))
        except (OSError, HTTPException) as error:
            raise TargetError(f"GET {path}: {_reason(error)}") from error
        finally:
            connection.close()

    def stop(self) -> None:
        """End the target and everything that it started, unless it ran already."""
        if self._process is not None:
            end_leash(self._process)

    def refuses(self) -> bool:
        """True when nothing listens at its address any more."""
        try:
            with socket.create_connection((self.address.ip, self.address.port), ANSWER_SECONDS):
                return False
        except ConnectionRefusedError:
            return True
        except OSError:
            return False

    def _ask(self, method: str, path: str, body: bytes | None) -> tuple[int, Any]:
        # A connection for each request: one that is reused may die between two requests, and then
        # nobody knows whether the request that it carried was seen.
        connection = self._connection(seconds=ANSWER_SECONDS)
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            content = _read(response)
        except (OSError, HTTPException, ValueError) as error:
            raise TargetError(f"{method} {path}: {_reason(error)}") from error
        finally:
            connection.close()
        try:
            return response.status, json.loads(content)
        except (ValueError, RecursionError):
            return response.status, None

    def _connection(self, *, seconds: float) -> Connection:
        return Connection(self.address, idle_seconds=ANSWER_SECONDS, seconds=seconds)


def _read(response: HTTPResponse) -> bytes:
    content = b""
    while chunk := response.read1(65536):
        content += chunk
        if len(content) > LARGEST_ANSWER:
            raise TargetError(f"an answer of more than {LARGEST_ANSWER} bytes")
    if response.length:
        raise TargetError("the answer was cut off")
    return content


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {ANSWER_SECONDS} s"
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


def _stored_records(path: str, response: HTTPResponse, deadline: float) -> Iterator[StoredRecord]:
    while line := response.readline(LARGEST_ANSWER):
        try:
            record = json.loads(line)
            yield StoredRecord(str(record["id"]), str(record["digest"]))
        except (ValueError, TypeError, KeyError, RecursionError):
            expected = 'expected {"id": .., "digest": ..} a line'
            raise TargetError(f"GET {path} has a line that is no record; {expected}") from None
        if time.monotonic() > deadline:
            raise TargetError(f"GET {path} took over {RECORDS_SECONDS} s")


def running_server(url: str) -> Server:
    """The target that runs already at an address of this machine.

    Raises:
        DrillError: the address is on another machine, or not written as one of this.
    """
    address = local_address(url)
    if address is None:
        raise DrillError(
            f"url is {url[:100]!r}; a drill speaks to this machine alone",
            remedy="let it be http://127.0.0.1:PORT; to a server elsewhere open a tunnel first "
            "(ssh -L, kubectl port-forward), and name its near end",
        )
    return Server(address)


def start_server(
    command: tuple[str, ...], *, root: Path, drill_id: str, check: Callable[[], None]
) -> Server:
    """Start the target, and read its address.

    Args:
        command: `start` of the target.
        root: the workbook's folder, where the command runs.
        drill_id: by which the processes are known.
        check: called while waiting; may raise to break off.

    Raises:
        DrillError: no such command, no address, or one that is not on this machine.
    """
    arguments, env = command_line(command, drill_id)
    # Run by its path and isolated: it needs nothing of ours, and the command's environment stays.
    leashed = [sys.executable, "-I", "-S", leash.__file__, *arguments]
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(  # noqa: S603 - the workbook names the command, no shell
            leashed, cwd=root, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=complaints, start_new_session=True,
        )  # fmt: skip
        try:
            return Server(_address(command, process, complaints, check), process)
        except BaseException:
            end_leash(process)
            raise


def end_leash(process: "subprocess.Popen[bytes]") -> int:
    """Let go of the leash, which ends the command; the command's exit code."""
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
    try:
        return process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _address(
    command: tuple[str, ...],
    process: "subprocess.Popen[bytes]",
    complaints: IO[bytes],
    check: Callable[[], None],
) -> Address:
    line = _first_line(process, check)
    shown = " ".join(command)[:200]
    if line is None:
        raise DrillError(
            f"`{shown}` printed no address within {START_SECONDS} s",
            remedy='let it print {"url": "http://127.0.0.1:PORT"} as soon as it listens',
        )
    if not line.strip():
        code = end_leash(process)
        complaints.seek(0)
        said = complaints.read().decode(errors="replace").strip()
        raise DrillError(
            f"`{shown}` ended with code {code} before it printed an address"
            + (f": {said.splitlines()[0][:300]}" if said else ""),
            remedy="run it from the workbook's folder by hand, and mend what it complains about",
        )
    return _loopback(shown, line)


def _first_line(process: "subprocess.Popen[bytes]", check: Callable[[], None]) -> bytes | None:
    """The first line of output, empty when it ended without one, None when none came in time."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read() -> None:
        if process.stdout is not None:
            with process.stdout as output:
                lines.put(output.readline(65536))
                while output.read(4096):  # a full pipe would stop the server
                    pass

    threading.Thread(target=read, daemon=True).start()
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        check()
        with suppress(queue.Empty):
            return lines.get(timeout=0.05)
    return None


def _loopback(shown: str, line: bytes) -> Address:
    try:
        url = str(json.loads(line)["url"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise DrillError(
            f"`{shown}` first printed {line[:60].decode(errors='replace').strip()!r}; expected "
            'one JSON line {"url": "http://127.0.0.1:PORT"}',
            remedy="print the address before anything else",
        ) from None
    address = local_address(url)
    if address is None:
        raise DrillError(
            f"`{shown}` listens at {url[:100]!r}; a drill speaks to this machine alone",
            remedy="let it listen on http://127.0.0.1:PORT",
        )
    return address

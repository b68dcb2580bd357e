"""The program tells nobody anything: no socket is opened, by Python or by any library that is not written in it."""

import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CALLS = {"x86_64": 41, "aarch64": 198}  # the number of the system call `socket`
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in CALLS, reason="the kernel's filter of calls is Linux's"
)
# Have the kernel end this process, and all that it begins, at the first socket of the internet's families.
GUARD = f"""
import ctypes, struct
LOAD, EQUAL, RETURN, KILL, ALLOW = 0x20, 0x15, 0x06, 0x80000000, 0x7FFF0000
steps = [
    (LOAD, 0, 0, 0),  # the number of the call
    (EQUAL, 0, 4, {CALLS.get(platform.machine(), 0)}),
    (LOAD, 0, 0, 16),  # its first argument, the family
    (EQUAL, 1, 0, 2),
    (EQUAL, 0, 1, 10),
    (RETURN, 0, 0, KILL),
    (RETURN, 0, 0, ALLOW),
]
code = b"".join(struct.pack("HBBI", *step) for step in steps)
held = ctypes.create_string_buffer(code)
filter = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(held))
call = ctypes.CDLL(None, use_errno=True).prctl
call.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_ulong]
assert call(38, 1, None, 0, 0) == 0  # no new privileges
assert call(22, 2, filter, 0, 0) == 0  # a filter of system calls
"""


def guarded(code: str, *words: str, at: Path) -> subprocess.CompletedProcess[str]:
    """Run some Python that may open no socket."""
    line = [sys.executable, "-c", GUARD + code, *words]
    return subprocess.run(line, cwd=at, capture_output=True, text=True)


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6"])
def test_the_guard_ends_whoever_opens_a_socket(family: str, tmp_path: Path) -> None:
    assert guarded("print('here')", at=tmp_path).stdout == "here\n"
    opening = f"import socket; socket.socket(socket.{family})"
    assert guarded(opening, at=tmp_path).returncode == -signal.SIGSYS


@pytest.mark.slow
def test_no_socket_is_opened(desk: Path) -> None:
    for words in (["check"], ["run", "--brief", "quick"], ["show", "--brief", "quick"]):
        done = guarded("import forecast.cli; forecast.cli.main()", *words, at=desk)
        assert done.returncode == 0, done.stderr
        assert done.stdout

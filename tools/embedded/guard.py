"""Runs one server and ends it when asked, or when the program that asked for it is gone.

    python guard.py [--user NAME] [--remove FOLDER] [--stop-signal NAME] [--grace-seconds N] --log FILE \
        -- COMMAND ...

It prints the server's process id, then reads one word from a pipe whose writing end only the program has:
`stop` ends the server in order, `kill` at once; both keep its files. The end of the pipe means that the
program closed it, or died of anything, `kill -9` included: the server is stopped in order and its scratch
folder removed. What does not stop within the grace period is killed. Nothing is left running or lying about.

Why not `PR_SET_PDEATHSIG`: Linux sends it when the starting *thread* ends, it is lost on a change of user,
and macOS has no such thing. This file imports the standard library only and starts in about 20 ms.
"""

import argparse
import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path


def main() -> int:
    """Run the command line above; the exit code is the server's, 128 + signal if a signal ended it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--user")
    parser.add_argument("--remove", type=Path)
    parser.add_argument("--stop-signal", default="SIGTERM")
    parser.add_argument("--grace-seconds", type=float, default=10.0)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    with arguments.log.open("ab") as log:
        server = subprocess.Popen(
            arguments.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            user=arguments.user,
            group=None if arguments.user is None else pwd.getpwnam(arguments.user).pw_gid,
            extra_groups=None if arguments.user is None else [],
        )
    # A signal meant for the program (a shutdown sends one to everybody) must not end the guard first.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with contextlib.suppress(BrokenPipeError):  # the program may be gone already
        os.write(1, f"{server.pid}\n".encode())
    words: list[str] = []
    listener = threading.Thread(target=_obey, args=(server, arguments, words), daemon=True)
    listener.start()
    code = server.wait()
    if words == [""] and arguments.remove is not None:
        shutil.rmtree(arguments.remove, ignore_errors=True)
    return code if code >= 0 else 128 - code


def _obey(server: "subprocess.Popen[bytes]", arguments: argparse.Namespace, words: list[str]) -> None:
    words.append(sys.stdin.readline().strip())
    if words == ["kill"]:
        _kill(server)
        return
    server.send_signal(getattr(signal, arguments.stop_signal))
    try:
        server.wait(arguments.grace_seconds)
    except subprocess.TimeoutExpired:
        _kill(server)


def _kill(server: "subprocess.Popen[bytes]") -> None:
    """Kill it with its children, as a crash of the machine would.

    A busy PostgreSQL session does not see that its server is gone, and keeps the next one from starting. Only
    Linux shows the children here; elsewhere they end by themselves.
    """
    server.send_signal(signal.SIGSTOP)  # no new children
    children = [pid for pid, parent, _ in _processes() if parent == str(server.pid)]
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    end = time.monotonic() + 5
    while any(pid in children and state != "Z" for pid, _, state in _processes()) and time.monotonic() < end:
        time.sleep(0.005)
    server.kill()


def _processes() -> list[tuple[str, str, str]]:
    """Process id, parent's process id and state of every process."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended
            state, parent = status.read_text(errors="replace").rpartition(") ")[2].split()[:2]
            found.append((status.parent.name, parent, state))
    return found


if __name__ == "__main__":
    code = main()
    os._exit(code)  # without waiting for the thread that reads the pipe

"""Runs one server and ends it when asked, or when the program that started it has ended.

    python guard.py [--user NAME] [--remove FOLDER] [--stop-signal NAME] [--grace-seconds N] --log FILE \
        -- COMMAND ...

It prints the server's process id, then reads one command from a pipe that only the program can write to.
`stop` ends the server gracefully and `kill` at once; both keep its files. The end of the pipe means that the
program has closed it, or has ended for any reason, including `kill -9`. Then the server is stopped gracefully
and its temporary folder is removed. If it does not stop within the grace period, it is killed. Nothing is
left running and no files are left behind.

Why not `PR_SET_PDEATHSIG`: Linux sends it when the starting *thread* ends, it is lost on a change of user,
and macOS does not have it. This file imports only the standard library and starts in about 20 ms.
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
    """Run the command above. Returns the server's exit code, or 128 + signal if a signal ended it."""
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
    # A signal for the program (a shutdown signals every process) must not end the guard first.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with contextlib.suppress(BrokenPipeError):  # the program may have ended already
        os.write(1, f"{server.pid}\n".encode())
    commands: list[str] = []
    listener = threading.Thread(target=_obey, args=(server, arguments, commands), daemon=True)
    listener.start()
    code = server.wait()
    if commands == [""] and arguments.remove is not None:
        shutil.rmtree(arguments.remove, ignore_errors=True)
    return code if code >= 0 else 128 - code


def _obey(server: "subprocess.Popen[bytes]", arguments: argparse.Namespace, commands: list[str]) -> None:
    commands.append(sys.stdin.readline().strip())
    if commands == ["kill"]:
        _kill(server)
        return
    server.send_signal(getattr(signal, arguments.stop_signal))
    try:
        server.wait(arguments.grace_seconds)
    except subprocess.TimeoutExpired:
        _kill(server)


def _kill(server: "subprocess.Popen[bytes]") -> None:
    """Kill it and its children, as a crash of the machine would.

    A busy PostgreSQL session does not notice that its server has gone, and prevents the next one from
    starting. Children can be found only on Linux; elsewhere they end on their own.
    """
    server.send_signal(signal.SIGSTOP)  # so that it starts no new children
    children = [pid for pid, parent, _ in _processes() if parent == str(server.pid)]
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    end = time.monotonic() + 5
    while any(pid in children and state != "Z" for pid, _, state in _processes()) and time.monotonic() < end:
        time.sleep(0.005)
    server.kill()


def _processes() -> list[tuple[str, str, str]]:
    """The process id, parent's process id and state of every process."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended
            state, parent = status.read_text(errors="replace").rpartition(") ")[2].split()[:2]
            found.append((status.parent.name, parent, state))
    return found


if __name__ == "__main__":
    code = main()
    os._exit(code)  # without waiting for the thread that reads the pipe

"""What runs on Node: official clients that no one here wrote."""

import fcntl
import re
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
_OFFLINE = re.compile(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT")


def install() -> None:
    """Install the locked packages if they are not there yet. Skips the test where that can't be done."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"needs Node.js 20 or later: {program} is not on this machine")
    lock = HERE / "package-lock.json"
    # npm writes its own copy of the lock last: with the same packages in it, all are there.
    installed = HERE / "node_modules" / ".package-lock.json"
    with lock.open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # one installs, the other test processes wait
        if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
            return
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        result = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=300)
        if result.returncode != 0 and _OFFLINE.search(result.stderr):
            pytest.skip("needs the packages of tests/javascript: the npm registry can't be reached")
        assert result.returncode == 0, result.stderr
        installed.touch()


def node(script: str, *arguments: str, stdin: str = "", timeout: float = 60) -> str:
    """The output of a script of this folder. Fails with what it wrote to its standard error."""
    install()
    result = subprocess.run(
        ["node", script, *arguments], cwd=HERE, input=stdin, capture_output=True, text=True, timeout=timeout
    )
    assert result.returncode == 0, result.stderr
    return result.stdout

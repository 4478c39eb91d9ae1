"""Official clients that run on Node."""

import fcntl
import re
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
_OFFLINE = re.compile(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT")


def install(folder: Path = HERE) -> None:
    """Install the packages that a folder locks, if they are missing. Skips the test if it cannot."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"needs Node.js 20 or later: {program} is not on this machine")
    lock = folder / "package-lock.json"
    # npm writes its own copy of the lock last. If it lists the same packages, all are installed.
    installed = folder / "node_modules" / ".package-lock.json"
    with lock.open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # one test process installs, the others wait
        if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
            return
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
        if result.returncode != 0 and _OFFLINE.search(result.stderr):
            pytest.skip(f"needs the packages of {folder}: the npm registry can't be reached")
        assert result.returncode == 0, result.stderr
        installed.touch()


def node(script: str, *arguments: str, stdin: str = "", timeout: float = 60) -> str:
    """The output of a script in this folder. On failure, raises with its standard error."""
    install()
    result = subprocess.run(
        ["node", script, *arguments], cwd=HERE, input=stdin, capture_output=True, text=True, timeout=timeout
    )
    assert result.returncode == 0, result.stderr
    return result.stdout

"""Prometheus' own checker of metrics, configuration and alerts."""

import os
import shutil
import subprocess

import pytest


def promtool(*words: str, given: str = "") -> str:
    """Run it, and return what it objects to; nothing if it is content."""
    program = shutil.which("promtool")
    if program is None and os.environ.get("CI"):
        pytest.fail("promtool is missing, although .ci/run installs it")
    if program is None:
        pytest.skip("needs promtool (it is in Debian's package prometheus): it is not on this machine")
    done = subprocess.run([program, *words], input=given, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr

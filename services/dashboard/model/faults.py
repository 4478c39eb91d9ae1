"""What is told of a fault of the program: never its text, which may name people."""

from __future__ import annotations

import traceback


def fault_words(fault: Exception) -> str:
    """The kind of the fault and where it came up."""
    where = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__} in {where.name}, line {where.lineno}"

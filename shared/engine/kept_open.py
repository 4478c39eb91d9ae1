"""Cases that stay open from one transaction to the next, so that they need not be unpacked and worked
out anew.

Whether a case is still what the database holds is seen by its bytes, which are read under its lock: another
instance may have been there. So nothing depends on which cases are kept, or whether any is.

A case that nobody uses is kept for a few minutes only. So what an instance holds of a person whom another
one erased goes soon, too.
"""

from __future__ import annotations

import gc
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator

from shared.engine.casefile import CaseFile
from shared.engine.storage import Row
from shared.engine.working_set import WorkingSet

UNUSED_SECONDS = 600.0
"""How long a case is kept that is not used."""


def look_for_garbage_seldom() -> None:
    """Prepare a process that keeps cases open: these are many objects, which the collector need not look at.

    What is loaded lives as long as the process, and a case is freed when it is not kept any more: nothing in
    it is garbage that only the collector could find. The collector looks at new objects only, so many at once
    that it takes about a tenth of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 200, 20)


class KeptOpen:
    """The cases used last, at most so many. `now` is in seconds, and never goes back."""

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._files: OrderedDict[str, tuple[float, CaseFile]] = OrderedDict()
        """Each with the moment when it was used, in that order."""

    def __iter__(self) -> Iterator[CaseFile]:
        return (file for _, file in self._files.values())

    def take(self, row: Row) -> CaseFile | None:
        """The open case of a row that is locked, for one transaction; None if it must be opened anew."""
        _, file = self._files.pop(row.subject, (0.0, None))
        return file if file is not None and file.is_held_so(row) else None

    def drop(self, subjects: Iterable[str]) -> None:
        """Keep nothing of these cases: the people are erased."""
        for subject in subjects:
            self._files.pop(subject, None)

    def drop_unused(self) -> None:
        """Keep nothing that has not been used for a while."""
        used_since = self._now() - UNUSED_SECONDS
        while self._files and next(iter(self._files.values()))[0] < used_since:
            self._files.popitem(last=False)

    def keep(self, cases: WorkingSet) -> None:
        """Keep the cases of a transaction that was committed."""
        now = self._now()
        for file in (*cases.people.values(), *cases.entities.values()):
            if file.subject not in cases.failures and file.assessed_on is not None:
                file.put_by()
                self._files.pop(file.subject, None)  # another transaction may have been quicker
                self._files[file.subject] = now, file
        while len(self._files) > self._most:
            self._files.popitem(last=False)

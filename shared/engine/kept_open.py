"""Cases that stay open from one transaction to the next, so that they need not be unpacked and worked
out anew.

Whether a case is still what the database holds is seen by its bytes, which are read under its lock: another
instance may have been there. So nothing depends on which cases are kept, or whether any is.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from shared.engine.casefile import CaseFile
from shared.engine.storage import Row
from shared.engine.working_set import WorkingSet


class KeptOpen:
    """The cases used last, at most so many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._files: OrderedDict[str, CaseFile] = OrderedDict()

    def take(self, row: Row) -> CaseFile | None:
        """The open case of a row that is locked, for one transaction; None if it must be opened anew."""
        file = self._files.pop(row.subject, None)
        return file if file is not None and file.is_held_so(row) else None

    def drop(self, subjects: Iterable[str]) -> None:
        """Keep nothing of these cases: the people are erased."""
        for subject in subjects:
            self._files.pop(subject, None)

    def keep(self, cases: WorkingSet) -> None:
        """Keep the cases of a transaction that was committed."""
        for file in (*cases.people.values(), *cases.entities.values()):
            if file.subject not in cases.failures and file.assessed_on is not None:
                file.put_by()
                self._files[file.subject] = file
        while len(self._files) > self._most:
            self._files.popitem(last=False)

"""Who is in which pools, from either side: for cases in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set


class Pools:
    """Who is in which pools."""

    def __init__(self) -> None:
        self._by_subject: dict[str, tuple[str, ...]] = {}
        self._by_pool: dict[str, set[str]] = {}

    @property
    def names(self) -> Set[str]:
        """The pools in which anybody is."""
        return self._by_pool.keys()

    def by(self, subject: str) -> tuple[str, ...]:
        """The pools in which a subject is."""
        return self._by_subject.get(subject, ())

    def of(self, pools: Collection[str]) -> set[str]:
        """Who is in any of these pools."""
        return set().union(*(self._by_pool.get(pool, ()) for pool in pools))

    def put(self, subject: str, pools: Sequence[str]) -> None:
        """A subject is in these pools, and no others."""
        before = self._by_subject.pop(subject, ())
        if pools:
            self._by_subject[subject] = tuple(pools)
        for pool in before:
            if pool not in pools:
                self._by_pool[pool].discard(subject)
                if not self._by_pool[pool]:
                    del self._by_pool[pool]
        for pool in pools:
            self._by_pool.setdefault(pool, set()).add(subject)

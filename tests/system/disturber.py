"""Random disturbances of a running system: its programs, its broker, its database, its clocks."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

from aiokafka.admin import AIOKafkaAdminClient

from tests.system.failover import Pair
from tests.system.harness import System
from tests.system.instance import Instance, until
from tests.system.wrong_clock import LONDON

ONE_DAY = timedelta(days=1)
CATCH_UP = 300.0
"""Seconds that the services may take to do what waits after several disturbances."""

Place = tuple[str, int]
"""A service, and which of its instances."""

KINDS = {
    "kill": 20,
    "stop": 8,
    "freeze": 12,
    "kill_the_broker": 6,
    "kill_the_database": 8,
    "fail_over": 6,
    "go_back": 8,
    "cut_connections": 14,
    "wrong_clock": 10,
    "wrong_ticker": 8,
}
"""The disturbances, and how often each comes among a hundred."""


class Disturber:
    """Two instances of each service, disturbed as `chance` has it; `days` are those that begin meanwhile."""

    def __init__(
        self, system: System, pair: Pair, services: Sequence[str], days: Sequence[date], chance: Random
    ) -> None:
        self.system = system
        self.pair = pair
        self.chance = chance
        self.done: Counter[str] = Counter()
        self._days = days
        self._reached = days[0]
        self._instances: dict[Place, Instance] = {}
        self._places = [(service, n) for service in services for n in range(2)]
        self._frozen: set[Place] = set()
        self._off = dict.fromkeys(self._places, 0)
        self._ticker = "right"
        self._missed: list[date] = []
        self._since = time.monotonic()

    async def start(self) -> None:
        """Start all instances and the first day."""
        await self.pair.follow()
        self._set_clocks()
        for place in self._places:
            await self._start(place)
        await asyncio.gather(*(instance.ready() for instance in self._instances.values()))
        await self.system.begin(self._reached)

    async def reach(self, day: date) -> None:
        """London reaches a day, if it has not, and the ticker says so, if it is right."""
        if day == self._reached:
            return
        self._reached = day
        self._set_clocks()
        ticker, self._ticker = self._ticker, "right"
        if ticker == "late":
            self._missed.append(day)
            return
        early = [day + ONE_DAY] if ticker == "early" and day < self._days[-1] else []
        await self.system.begin(day, *early)
        if self._missed and self.chance.random() < 0.5:
            await self.system.begin(*self._missed)
            self._missed.clear()

    async def disturb(self) -> None:
        """Make one disturbance. Somebody who is frozen may be woken before. None may have ended by itself."""
        ended = [
            instance.log.read_text()[-1500:] for instance in self._instances.values() if not instance.alive
        ]
        assert not ended, f"a process ended: {ended}"
        for place in sorted(self._frozen):
            if self.chance.random() < 0.4:
                await self._wake(place)
        [kind] = self.chance.choices(list(KINDS), list(KINDS.values()))
        print(f"{time.monotonic() - self._since:.0f} s: {kind.replace('_', ' ')}", flush=True)
        await getattr(self, kind)()
        self.done[kind] += 1

    async def settle(self) -> None:
        """Put everything right that stays wrong by itself."""
        for place in sorted(self._frozen):
            await self._wake(place)
        self._off = dict.fromkeys(self._places, 0)
        self._set_clocks()
        await self.system.begin(*self._days)  # as the ticker repeats the last days when it starts

    async def healthy(self) -> None:
        """Wait until every instance is ready. None may have ended by itself."""
        for instance in self._instances.values():
            await instance.ready(seconds=CATCH_UP)
        assert [instance.fault for instance in self.system.instances if instance.fault] == []

    # -- programs ----------------------------------------------------------------------------------

    async def _start(self, place: Place) -> None:
        london = {LONDON: str(self._london(place))}
        self._instances[place] = await self.system.start(place[0], ready=False, **london)

    def _one(self) -> Place:
        """An instance that is not frozen."""
        return self.chance.choice([place for place in self._places if place not in self._frozen])

    async def kill(self) -> None:
        """Kill an instance, frozen or not, and start another."""
        place = self.chance.choice(self._places)
        self._frozen.discard(place)
        await self._instances[place].kill()
        await self._start(place)

    async def stop(self) -> None:
        """Stop an instance gracefully, and start another."""
        place = self._one()
        await self._instances[place].answers()
        assert await self._instances[place].stop() == 0
        await self._start(place)

    async def freeze(self) -> None:
        """Stop an instance as a debugger or a hypervisor does. It is woken when its session is over."""
        place = self._one()
        if any(service == place[0] for service, _ in self._frozen):
            await self._wake(next(frozen for frozen in self._frozen if frozen[0] == place[0]))
        self._instances[place].pause()
        self._frozen.add(place)

    async def _wake(self, place: Place) -> None:
        await until(lambda: self._still_in_the_group(place[0]))
        self._instances[place].resume()
        self._frozen.discard(place)

    async def _still_in_the_group(self, service: str) -> str | None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.system.kafka.bootstrap)
        await admin.start()
        try:
            [answer] = await admin.describe_consumer_groups([self.system.prefix + service])
        finally:
            await admin.close()
        members = len(answer.groups[0][5])
        return f"{service} has {members} members" if members > 1 else None

    # -- servers -----------------------------------------------------------------------------------

    async def kill_the_broker(self) -> None:
        """Kill the broker, and start it again."""
        await asyncio.to_thread(self.system.kafka.server.kill)
        await asyncio.to_thread(self.system.kafka.server.start)

    async def kill_the_database(self) -> None:
        """Kill the database, and start it again."""
        await self.system.hang_up()
        await self.pair.restart()

    async def fail_over(self) -> None:
        """Kill the database. Its standby takes its place, and may lack what was committed last."""
        await self.system.hang_up()
        await self.pair.fail_over()
        await self.pair.renew()

    async def go_back(self) -> None:
        """Let the standby lag until some more is done, then let it take the place of the database."""
        service = self._one()[0]
        await self.system.hang_up()
        await self.pair.fall_behind()
        before: list[int] = []
        more = self.chance.randint(1, 100)

        async def too_little() -> str | None:
            rows = await self.system.fetch(service, "select coalesce(sum(sequence), 0)::bigint from cases")
            before.append(rows[0][0])
            done = before[-1] >= before[0] + more or await self.system.unquiet([service]) is None
            return None if done else f"{service} has said {before[-1]} since it had said {before[0]}"

        await until(too_little, seconds=CATCH_UP)
        await self.fail_over()

    async def cut_connections(self) -> None:
        """Cut all connections to the database, or end those of one service in it."""
        if self.chance.random() < 0.5:
            self.pair.hang_up()
        else:
            await self.system.manage(END.format(self.system.database_name(self._one()[0])))

    # -- clocks ------------------------------------------------------------------------------------

    async def wrong_clock(self) -> None:
        """Set the clock of an instance a day ahead or behind, or put it right."""
        place = self._one()
        self._off[place] = 0 if self._off[place] else self.chance.choice([-1, 1])
        self._set_clocks()

    async def wrong_ticker(self) -> None:
        """Let the ticker say the next day with the one after it, or not at all until later."""
        self._ticker = self.chance.choice(["early", "late"])

    def _london(self, place: Place) -> Path:
        return self.system.folder / f"london-{place[0]}-{place[1]}"

    def _set_clocks(self) -> None:
        for place, off in self._off.items():
            file = self._london(place)
            new = file.with_suffix(".new")
            new.write_text((self._reached + off * ONE_DAY).isoformat())
            new.rename(file)


END = """
select pg_terminate_backend(pid) from pg_stat_activity where datname = '{0}' and pid <> pg_backend_pid()
"""

"""The brake: a faulty release of a sender must not turn a whole topic into dead letters."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from aiokafka import ConsumerRecord

from shared.engine.intake import DeadLetter, Message
from shared.runtime.brake import Brake, Braked
from shared.runtime.consumer import in_order_of_arrival
from shared.runtime.service import Runtime
from tests.runtime.environment import Environment, until

GOOD = None


def bad(offset: int = 0, reason: str = "wrong_data") -> DeadLetter:
    return DeadLetter(Message("scale", 0, offset, None, b"", (), datetime.now(UTC)), reason, "")


def brake(window: int = 10, share: float = 0.5) -> Brake:
    return Brake("porter", share, window)


def taken(brake: Brake, letters: Iterable[DeadLetter | None]) -> None:
    brake.judge(letters)
    brake.accept()


def test_it_brakes_only_when_the_window_is_full() -> None:
    it = brake()
    taken(it, [bad()] * 9)
    with pytest.raises(Braked, match="9 of the last 10"):
        it.judge([GOOD])


def test_exactly_half_is_not_too_many() -> None:
    it = brake()
    it.judge([GOOD, bad()] * 5)
    with pytest.raises(Braked):
        it.judge([*[GOOD, bad()] * 4, bad(), bad()])


def test_a_share_below_half_never_brakes_however_large_the_batch() -> None:
    it = brake(window=1_000)
    one_in_seven = [bad() if n % 7 == 0 else GOOD for n in range(8_000)]
    taken(it, one_in_seven[:4_000])
    taken(it, one_in_seven[4_000:])


def test_too_many_in_the_middle_of_a_batch_are_noticed_there() -> None:
    it = brake()
    with pytest.raises(Braked) as braked:
        it.judge([*[GOOD] * 20, *[bad()] * 8, *[GOOD] * 20])
    assert braked.value.before == 25  # the sixth bad one of ten
    it.judge([*[GOOD] * 20, *[bad()] * 5])


def test_a_retried_batch_counts_once() -> None:
    it = brake()
    for _ in range(5):
        it.judge([GOOD, bad()] * 4)
    it.accept()
    it.judge([GOOD, bad()])


def test_old_messages_are_forgotten() -> None:
    it = brake()
    taken(it, [*[GOOD] * 5, *[bad()] * 5])
    taken(it, [GOOD] * 5)
    taken(it, [bad()] * 5)


def test_a_share_of_one_never_brakes() -> None:
    brake(share=1).judge([bad()] * 100)


def test_it_names_the_reasons_with_a_place_for_each_and_the_way_out() -> None:
    letters = [*map(bad, range(7)), *(bad(n, "unreadable") for n in range(7, 9)), GOOD]
    with pytest.raises(Braked) as braked:
        brake().judge(letters)
    told = str(braked.value)
    assert "9 of the last 10 messages are bad" in told
    assert "7 wrong_data (such as scale/0/0), 2 unreadable (such as scale/0/7)" in told
    assert "probation dead-letters list porter" in told
    assert "PROBATION_BRAKE_SHARE=1" in told


def record(partition: int, offset: int, timestamp: int) -> ConsumerRecord[bytes, bytes]:
    return ConsumerRecord("scale", partition, offset, timestamp, 0, None, b"", None, 0, 0, ())


def test_a_batch_is_judged_in_the_order_in_which_its_messages_arrived() -> None:
    records = [record(0, 1, 10), record(0, 2, 30), record(0, 3, 20), record(1, 1, 15), record(1, 2, 40)]
    ordered = [(r.partition, r.offset) for r in in_order_of_arrival(records)]
    assert ordered == [(0, 1), (1, 1), (0, 2), (0, 3), (1, 2)]  # and each partition in its order


async def braked(runtime: Runtime) -> None:
    """Wait until the brake is on."""

    async def is_on() -> bool:
        return "PROBATION_BRAKE_SHARE=1" in (await runtime.health.readiness()).get("consumer", "")

    await until(is_on)


async def test_a_braked_service_keeps_what_came_before_and_continues_when_released(
    env: Environment,
) -> None:
    for number in range(10):
        await env.weigh(f"before-{number}", 5, partition=0)
    for number in range(30):
        await env.send(b"broken %d" % number, partition=0)
    await env.weigh("after", 5, partition=0)
    runtime = await env.run(ready=False, brake_window=20)
    await braked(runtime)
    await runtime.measure()
    assert runtime.metrics.registry.get_sample_value("probation_brake_on") == 1
    assert await runtime.health.liveness() == {}  # a restart would not fix the sender
    assert await env.known() == {f"before-{number}" for number in range(10)}
    letters = await env.fetch('select "offset" from dead_letters order by number')
    assert [row["offset"] for row in letters] == list(range(10, 20))
    assert "unreadable (such as scale/0/10)" in (await runtime.health.readiness())["consumer"]
    await env.stop(runtime)
    await env.run(brake_window=20, brake_share=1.0)
    await env.knows("after")
    assert len(await env.fetch("select 1 from dead_letters")) == 30


async def test_a_batch_with_few_bad_messages_does_not_brake(env: Environment) -> None:
    for number in range(70):
        if number % 7:
            await env.weigh(f"p{number}", 5, partition=number % 3)
        else:
            await env.send(b"broken", partition=number % 3)
    runtime = await env.run(brake_window=20)
    await env.knows(*(f"p{number}" for number in range(70) if number % 7))
    assert "consumer" not in await runtime.health.readiness()
    assert len(await env.fetch("select 1 from dead_letters")) == 10

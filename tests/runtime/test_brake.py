"""The brake: a broken sender must not empty a topic into the dead letters."""

import pytest

from shared.runtime.brake import Brake, Braked
from tests.runtime.house import House, until


def test_brakes_only_when_the_window_is_full() -> None:
    brake = Brake(0.5, 10)
    brake.judge(0, 9)
    brake.accept()
    with pytest.raises(Braked, match="9 of the last 10"):
        brake.judge(1, 0)


def test_half_of_them_is_not_more_than_half() -> None:
    brake = Brake(0.5, 10)
    brake.judge(5, 5)
    with pytest.raises(Braked):
        brake.judge(4, 6)


def test_a_batch_tried_again_counts_once() -> None:
    brake = Brake(0.5, 10)
    for _ in range(5):
        brake.judge(4, 4)
    brake.accept()
    brake.judge(1, 1)


def test_old_messages_are_forgotten() -> None:
    brake = Brake(0.5, 10)
    brake.judge(0, 9)
    brake.accept()
    for _ in range(9):
        with pytest.raises(Braked):
            brake.judge(3, 0)
    brake.judge(6, 0)


def test_share_one_releases_it() -> None:
    Brake(1, 10).judge(0, 100)


async def test_a_service_that_brakes_commits_nothing_of_the_batch_and_goes_on_when_released(
    house: House,
) -> None:
    for number in range(30):
        await house.send(b"broken %d" % number, partition=0)
    await house.weigh("after", 5, partition=0)
    runtime = await house.run(ready=False, brake_window=20)

    async def braked() -> bool:
        return "PROBATION_BRAKE_SHARE=1" in (await runtime.health.readiness()).get("consumer", "")

    await until(braked)
    await runtime.measure()
    assert runtime.metrics.registry.get_sample_value("brake_on") == 1
    assert await runtime.health.liveness() == {}  # a restart would not mend the sender
    before = len(await house.fetch("select 1 from dead_letters"))
    assert before < 20
    assert await house.known() == set()
    await house.stop(runtime)
    await house.run(brake_window=20, brake_share=1.0)
    await house.knows("after")
    assert len(await house.fetch("select 1 from dead_letters")) == 30

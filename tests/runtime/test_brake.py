"""The brake: a faulty release of a sender must not turn a whole topic into dead letters."""

import pytest

from shared.runtime.brake import Brake, Braked
from tests.runtime.environment import Environment, until


def test_it_brakes_only_when_the_window_is_full() -> None:
    brake = Brake(0.5, 10)
    brake.judge(0, 9)
    brake.accept()
    with pytest.raises(Braked, match="9 of the last 10"):
        brake.judge(1, 0)


def test_exactly_half_is_not_too_many() -> None:
    brake = Brake(0.5, 10)
    brake.judge(5, 5)
    with pytest.raises(Braked):
        brake.judge(4, 6)


def test_a_retried_batch_counts_once() -> None:
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


def test_a_share_of_one_never_brakes() -> None:
    Brake(1, 10).judge(0, 100)


async def test_a_braked_service_commits_nothing_of_the_batch_and_continues_when_released(
    env: Environment,
) -> None:
    for number in range(30):
        await env.send(b"broken %d" % number, partition=0)
    await env.weigh("after", 5, partition=0)
    runtime = await env.run(ready=False, brake_window=20)

    async def braked() -> bool:
        return "PROBATION_BRAKE_SHARE=1" in (await runtime.health.readiness()).get("consumer", "")

    await until(braked)
    await runtime.measure()
    assert runtime.metrics.registry.get_sample_value("brake_on") == 1
    assert await runtime.health.liveness() == {}  # a restart would not fix the sender
    before = len(await env.fetch("select 1 from dead_letters"))
    assert before < 20
    assert await env.known() == set()
    await env.stop(runtime)
    await env.run(brake_window=20, brake_share=1.0)
    await env.knows("after")
    assert len(await env.fetch("select 1 from dead_letters")) == 30

"""What is said of a batch that cannot be committed, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from shared.engine.connections import WentBack
from shared.engine.engine import Engine
from shared.engine.intake import Message
from shared.metrics import ServiceMetrics
from shared.runtime.batches import Batches
from shared.runtime.brake import Brake


class Failing:
    """An engine whose database went back."""

    async def handle(self, batch: Sequence[Message]) -> Any:
        raise WentBack


async def test_a_batch_that_was_given_back_and_is_read_elsewhere_is_no_trouble_here() -> None:
    batches = Batches(cast(Engine, Failing()), Brake("porter", 0.5, 10), ServiceMetrics("porter"))
    batches.give_back.set()
    assert not await batches.take([])
    assert not await batches.take([])
    assert batches.trouble is not None
    batches.given_back()
    assert batches.trouble is None

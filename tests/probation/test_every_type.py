"""Every type of the feeds has a reader, or is listed as not read yet."""

from schemas.catalogue import CATALOGUE, NOT_READ_YET
from schemas.envelope import Upstream
from tools.services import SERVICES


def test_every_type_of_a_feed_is_read_or_listed_with_the_reason() -> None:
    types = {type for type, entry in CATALOGUE.items() if issubclass(entry.model, Upstream)}
    read = {type for type in types if any(service.model_of(type) is not None for service in SERVICES)}
    assert types - read == set(NOT_READ_YET)
    assert all(NOT_READ_YET.values())


def test_a_type_that_is_not_read_yet_comes_to_a_service_that_tells_so() -> None:
    for type in NOT_READ_YET:
        assert any(set(CATALOGUE[type].topics) & set(service.reads) for service in SERVICES), type

"""A database put back to an earlier day loses nothing, though Kafka says that all has been read."""

from collections import Counter

from tests.conftest import needs
from tests.system.harness import System
from tests.system.oracle import FROM_FEEDS, day_of, replayed
from tests.system.published import assert_same, standing
from tools.simulate import caseload

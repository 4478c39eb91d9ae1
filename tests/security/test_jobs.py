"""The jobs of docker-compose.yml set everything up, and may run again."""

from tests.security.composed import Composed
from tools.principals import principals


def test_the_jobs_may_run_again_and_change_nothing(secured: Composed) -> None:
    access = secured.run("access")
    users = len(principals("probation."))
    assert access.stdout == f"{users} users have a password; 0 rights added, 0 removed\n"
    assert secured.run("topics").stdout.startswith("0 created")

"""A synthetic caseload: people on probation over some months, as the upstream feeds would tell of them.

Everybody here is invented. `caseload` is a function of its arguments: the same seed gives the same bytes.

Where each thing is:

* `people.py`        who comes before a court, and the practitioners who wait for them
* `life.py`          a person's story: sentence, release, death, a record under two numbers
* `served.py`        a sentence as it is served in the community
* `risk.py`          assessments of risk, and what is registered
* `casework.py`      plans, checks with other agencies, suspensions of contact, transfers
* `appointments.py`  what is arranged, and for when
* `meetings.py`      the appointments one after the other, and what came of each
* `answers.py`       what the practitioner does about a failure: a warning, a breach, a recall
* `records.py`       what is recorded of an appointment
* `diary.py`         what the feeds say of it, and when they record it
* `arrival.py`       how it arrives: held up, twice, out of order
"""

from tools.simulate.arrival import by_day
from tools.simulate.caseload import FIRST_DAY, caseload

__all__ = ["FIRST_DAY", "by_day", "caseload"]

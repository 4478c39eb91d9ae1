"""A synthetic caseload: events about people on probation, as upstream feeds would publish them.

Nobody in it is real. `caseload` depends only on its arguments: the same seed gives the same bytes.

* `people.py`        the people sentenced, and the practitioners
* `history.py`       a person's history: sentence, release, death, a record under two numbers
* `release.py`       a release from prison, planned and prepared
* `served.py`        a sentence served in the community
* `risk.py`          risk assessments and registrations
* `casework.py`      plans, checks with other agencies, suspensions of contact, transfers
* `appointments.py`  which appointments are arranged, and for when
* `attendance.py`    the appointments one by one, and the outcome of each
* `answers.py`       what the practitioner does about a failure: a warning, a breach, a recall
* `market.py`        providers and what they offer, and the regions' calls
* `interventions.py` referrals to services, and how providers carry them out
* `records.py`       what is recorded about an appointment
* `recorder.py`      the events that the feeds publish, and when they record them
* `arrival.py`       how events arrive: delayed, twice, out of order
"""

from tools.simulate.arrival import by_day
from tools.simulate.caseload import FIRST_DAY, caseload

__all__ = ["FIRST_DAY", "by_day", "caseload"]

"""Facts: what the feeds and the services tell, with everything filled in that an example does not speak of.

One function a type of event, the same words in the worked examples (`tests/examples/*.txt`) and in tests::

    from tests import facts as f

    f.order("2026-03-01", "2026-03-31", "rar 20, unpaid_work 100")
    f.contact("2026-03-10", "unacceptable_absence", id="C1", recorded="2026-04-02")
    f.risk("2026-03-01", "high", mappa=2)

- First the day on which it happened, then what the event says above all, and the rest by name.
- `id` is the id of the thing (of a sentence, a contact, a registration, ...), `sentence` that of the
  sentence it belongs to, S1 unless said otherwise. An id that nothing refers to may be left out.
- `recorded` is when it was recorded: a day (at noon) or a time in London; by default noon of the day on
  which it happened. `subject` is the person, `event` the event id, `voided=True` says that it never
  happened. Any field of the data can be given by its name.
- Said again of the same thing (the same correction key) it is a correction, recorded after the first unless
  `recorded` says otherwise (`told`).

How facts are assessed: `tests.casebook` (on a day), `tests.ledger` (over time). Cases in a table:
`tests.table`. Worked examples in text: `tests.examples.reader`. Another policy: `tests.policies`.
"""

from tests.facts.base import PERSON as PERSON
from tests.facts.base import PLACE as PLACE
from tests.facts.base import Fact as Fact
from tests.facts.base import days_from as days_from
from tests.facts.base import fact as fact
from tests.facts.base import moment as moment
from tests.facts.base import told as told
from tests.facts.base import year_from as year_from
from tests.facts.court import appeal_decided as appeal_decided
from tests.facts.court import appealed as appealed
from tests.facts.court import custodial as custodial
from tests.facts.court import heard as heard
from tests.facts.court import left as left
from tests.facts.court import let_out as let_out
from tests.facts.court import order as order
from tests.facts.court import release_planned as release_planned
from tests.facts.court import released as released
from tests.facts.court import report_asked as report_asked
from tests.facts.court import report_delivered as report_delivered
from tests.facts.court import requirements as requirements
from tests.facts.court import revoked as revoked
from tests.facts.court import taken as taken
from tests.facts.court import varied as varied
from tests.facts.practice import action as action
from tests.facts.practice import change_asked as change_asked
from tests.facts.practice import checked as checked
from tests.facts.practice import contact as contact
from tests.facts.practice import cover as cover
from tests.facts.practice import decided as decided
from tests.facts.practice import died as died
from tests.facts.practice import employment_need as employment_need
from tests.facts.practice import erased as erased
from tests.facts.practice import home_visit as home_visit
from tests.facts.practice import learning as learning
from tests.facts.practice import lifted as lifted
from tests.facts.practice import limited as limited
from tests.facts.practice import merged as merged
from tests.facts.practice import plan as plan
from tests.facts.practice import practitioner as practitioner
from tests.facts.practice import recall_decided as recall_decided
from tests.facts.practice import recognised as recognised
from tests.facts.practice import reduction as reduction
from tests.facts.practice import reduction_ended as reduction_ended
from tests.facts.practice import referral_asked as referral_asked
from tests.facts.practice import registered as registered
from tests.facts.practice import risk as risk
from tests.facts.practice import scheduled as scheduled
from tests.facts.practice import session as session
from tests.facts.practice import suspension_asked as suspension_asked
from tests.facts.practice import task_done as task_done
from tests.facts.practice import transfer_accepted as transfer_accepted
from tests.facts.practice import transfer_asked as transfer_asked
from tests.facts.practice import unit_changed as unit_changed
from tests.facts.practice import unlimited as unlimited
from tests.facts.practice import unmerged as unmerged
from tests.facts.practice import used_up as used_up
from tests.facts.practice import victim_asks as victim_asks
from tests.facts.practice import victim_stops as victim_stops
from tests.facts.practice import victims_told as victims_told
from tests.facts.practice import woman_asked as woman_asked
from tests.facts.practice import work as work
from tests.facts.providers import accepted as accepted
from tests.facts.providers import action_plan as action_plan
from tests.facts.providers import awarded as awarded
from tests.facts.providers import called as called
from tests.facts.providers import concluded as concluded
from tests.facts.providers import consulted as consulted
from tests.facts.providers import declined as declined
from tests.facts.providers import delivery_resumed as delivery_resumed
from tests.facts.providers import delivery_suspended as delivery_suspended
from tests.facts.providers import end_report as end_report
from tests.facts.providers import first_assessment as first_assessment
from tests.facts.providers import handed_over as handed_over
from tests.facts.providers import listed as listed
from tests.facts.providers import placement as placement
from tests.facts.providers import proposed as proposed
from tests.facts.providers import qualified as qualified
from tests.facts.providers import status as status
from tests.facts.providers import unlisted as unlisted
from tests.facts.services import allocated as allocated
from tests.facts.services import completed as completed
from tests.facts.services import contact_resumed as contact_resumed
from tests.facts.services import contact_suspended as contact_suspended
from tests.facts.services import ended as ended
from tests.facts.services import excused as excused
from tests.facts.services import missed as missed
from tests.facts.services import placed as placed
from tests.facts.services import taken_back as taken_back
from tests.facts.services import tier as tier
from tests.facts.services import undecided as undecided
from tests.facts.services import withdrawn as withdrawn

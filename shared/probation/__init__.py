"""The domain that the services share: one answer to each question that several of them ask.

Defines what a sentence, supervision, a period in custody, a requirement in force, a risk, a registration and
a change of practitioner are. All of it is pure: it takes records of facts and returns answers. A fact never
changes the answer for a day before its date, so future days can be treated like past ones.

- `facts`, `case`: the records that several services join, and the registers that keep them.
- `supervision`, `requirements`: when a person is supervised on a sentence, and what it requires.
- `custody`: when a person is in custody, and the deadlines that custody pauses.
- `delivery`: when a region does not deliver a kind of work, which is nobody's failure.
- `risk`: the risk assessment and the registrations in force.
- `practitioners`: who has a sentence, and which change of practitioner is in progress.
- `access`: when access to a case is limited.
- `view`: what the rules of every service can ask about a case.
"""

from pathlib import Path

POLICY = Path(__file__).with_name("policy.toml")
"""The values of the common rules."""

"""The domain that the services share: one answer to each question that several of them ask.

What a sentence, supervision, a time in custody, a requirement in force, a risk, a registration and a change
of practitioner *is*. All of it is pure: records of facts in, answers out. A fact dated later changes no day
before it, so that days yet to come can be looked at like those that are past.

- `facts`, `case`: the records that several services join, and the registers that hold them.
- `supervision`, `requirements`: when a person is supervised on a sentence, and what it requires.
- `custody`: when a person is held, and the deadlines that custody stops.
- `risk`: the assessment and the registrations in force.
- `practitioners`: who had a sentence, and which change of practitioner is under way.
- `view`: what the rules of every service may ask of a case.
"""

from pathlib import Path

POLICY = Path(__file__).with_name("policy.toml")
"""The values of the common rules."""

"""Closed lists of values that several events share. At run time they are plain strings."""

from typing import Literal

Region = Literal[
    "north_east",
    "north_west",
    "greater_manchester",
    "yorkshire_and_the_humber",
    "east_midlands",
    "west_midlands",
    "east_of_england",
    "london",
    "south_central",
    "south_west",
    "kent_surrey_sussex",
    "wales",
]
"""The twelve probation regions."""

Sex = Literal["female", "male", "other", "unknown"]

Cohort = Literal["minority_ethnic", "young_adult", "learning_difficulty", "care_leaver", "older_person"]
"""Groups of people whose needs are considered separately."""

ServiceCohort = Literal[
    "minority_ethnic", "young_adult", "learning_difficulty", "care_leaver", "older_person", "women"
]
"""The groups that a service may be designed for."""

SentenceKind = Literal[
    "community_order", "suspended_sentence_order", "custodial", "supervision_default_order"
]
"""``supervision_default_order``: made for a breach of post-sentence supervision."""

CourtLevel = Literal["magistrates", "crown"]

RequirementKind = Literal[
    "rar",
    "unpaid_work",
    "accredited_programme",
    "mental_health_treatment",
    "drug_rehabilitation",
    "alcohol_treatment",
    "curfew",
    "other",
]
"""Requirements of an order; ``rar`` is a rehabilitation activity requirement."""

HearingOutcome = Literal[
    "not_proven",
    "proven_continued",
    "proven_varied",
    "revoked_and_resentenced",
    "committed_to_crown",
    "withdrawn",
    "warrant_issued",
    "warrant_executed",
    "adjourned",
    "default_order",
]
"""The result of a breach hearing; ``default_order`` follows a breach of post-sentence supervision."""

BreachSanction = Literal["none", "fine", "unpaid_work", "more_onerous", "custody"]
"""What a court imposed for a breach."""

Rosh = Literal["low", "medium", "high", "very_high"]
"""Risk of serious harm."""

AssessedNeed = Literal[
    "accommodation",
    "employment_training_education",
    "finance",
    "thinking_behaviour",
    "attitudes",
    "relationships",
    "lifestyle",
    "emotional_wellbeing",
    "alcohol",
    "drugs",
]
"""The needs that a risk assessment scores."""

CoreNeed = Literal[
    "accommodation",
    "employment_training_education",
    "finance_benefit_debt",
    "attitudes_thinking_behaviour",
    "family_and_significant_others",
    "lifestyle_and_associates",
    "emotional_management",
    "non_dependent_alcohol",
]
"""The eight core needs that commissioned services must cover."""

InterventionNeed = Literal[
    "accommodation",
    "employment_training_education",
    "finance_benefit_debt",
    "attitudes_thinking_behaviour",
    "family_and_significant_others",
    "lifestyle_and_associates",
    "emotional_management",
    "non_dependent_alcohol",
    "domestic_abuse_and_attitudes",
    "thinking_and_behaviour",
]
"""The eight core needs and the needs of structured interventions (``emotional_management`` is in both)."""

ListedNeed = Literal[
    "accommodation",
    "employment_training_education",
    "finance_benefit_debt",
    "attitudes_thinking_behaviour",
    "family_and_significant_others",
    "lifestyle_and_associates",
    "emotional_management",
    "non_dependent_alcohol",
    "domestic_abuse_and_attitudes",
    "thinking_and_behaviour",
    "domestic_abuse",
]
"""The needs that an intervention may be listed for and a referral may be asked for: all of the above, and
``domestic_abuse``, which structured interventions have met since June 2020."""

ReferralKind = Literal[
    "accredited_programme", "structured_intervention", "commissioned_service", "unpaid_work", "treatment"
]

ProgrammeStatus = Literal[
    "awaiting_assessment",
    "awaiting_allocation",
    "scheduled",
    "on_programme",
    "complete",
    "suitable_not_ready",
    "deprioritised",
    "deferred",
    "breach",
    "recall",
    "return_to_court",
    "withdrawn",
]
"""The states of a referral to an accredited programme."""

OutcomeResult = Literal["achieved", "partly", "not_achieved"]
"""How far a desired outcome of a referral was reached."""

ConditionKind = Literal[
    "residence",
    "curfew",
    "exclusion_zone",
    "no_contact",
    "programme",
    "structured_intervention",
    "drug_testing",
    "polygraph",
    "supervision",
    "other",
]
"""The conditions of a licence."""

ContactKind = Literal["initial", "planned", "home_visit", "session"]

Mode = Literal["face_to_face", "video", "telephone", "online"]
"""How a contact took place."""

Outcome = Literal[
    "complied",
    "failed_to_comply",
    "sent_home_behaviour",
    "unacceptable_absence",
    "failed_to_attend",
    "acceptable_absence",
    "sent_home_service",
    "rescheduled_by_service",
    "rescheduled_by_person",
    "suspended",
    "warrant_outstanding",
]
"""The outcome of a contact. Enforceable failures are ``failed_to_comply``, ``sent_home_behaviour`` and
``unacceptable_absence``. With ``failed_to_attend`` the reason is not known yet."""

AcceptableReason = Literal[
    "medical",
    "employment",
    "family",
    "court",
    "holiday",
    "religious",
    "in_custody",
    "stood_down",
    "other",
]
"""Why an absence is acceptable."""

EnforcementAction = Literal[
    "warning",
    "second_warning",
    "final_warning",
    "letter_sent",
    "compliance_letter",
    "breach_initiated",
    "breach_pack_completed",
    "breach_information_laid",
    "breach_withdrawn",
    "breach_returned",
    "no_further_action",
    "recall_recommended",
    "recall_manager_agreed",
    "recall_senior_endorsed",
    "recall_part_a_sent",
]

Registration = Literal[
    "domestic_abuse",
    "child_protection",
    "mappa",
    "stalking",
    "intensive_supervision_court",
    "national_security_division",
    "integrated_offender_management",
]

SuspendedWork = Literal["unpaid_work", "accredited_programme", "contact", "all"]
"""The kinds of work whose delivery a region may suspend; ``all`` is every kind, services of providers too."""

VictimTrigger = Literal["release_planned", "release_moved", "released", "recalled", "ended"]
"""What victims who asked for contact are told of."""

PartnerCheckKind = Literal["youth_offending_services", "safeguarding_and_domestic_abuse", "health"]
"""What the practitioner checks with other agencies."""

Team = Literal["generic", "short_sentence", "unpaid_work"]

Grade = Literal["pso", "po", "spo"]
"""Probation services officer, probation officer, senior probation officer."""

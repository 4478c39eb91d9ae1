"""All measures, with what each counts and where it comes from, by area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shared.answers import counted as c
from shared.answers.groups import GROUPS, REPORT_GROUPS


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with its definition and its source: the rules, and where the founding documents ask for it.

    A share is shown as "8 of 9", an average as what one of them has. `per` divides the amounts for people.
    `groups` are those that it is also looked at by.
    """

    name: str
    definition: str
    cases: c.Cases
    source: str
    shown_as: Literal["count", "share", "average"] = "count"
    per: int = 1
    groups: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its name in addresses."""
        return self.name.replace(" ", "-")


AREAS: dict[str, tuple[Measure, ...]] = {
    "Outcomes and quality": (
        Measure(
            "outcomes achieved",
            "desired outcomes of concluded referrals that were achieved, of all that have a result",
            c.outcomes,
            "OUT-1; s2:459, s0:30",
            shown_as="share",
            groups=tuple(GROUPS),
        ),
        Measure(
            "requirements completed",
            "requirements that were completed, of all that were completed or left when supervision ended",
            c.requirements_completed,
            "RAR-6; s2:459",
            shown_as="share",
            groups=tuple(GROUPS),
        ),
        Measure(
            "referrals completed",
            "referrals that were completed, of all that ended",
            c.referrals_completed,
            "DF-15; s2:459",
            shown_as="share",
            groups=tuple(GROUPS),
        ),
        Measure(
            "one practitioner throughout",
            "sentences whose supervision ended without any change of practitioner, of all that ended",
            c.continuity,
            "ALLOC-2; s2:383, s2:459",
            shown_as="share",
            groups=tuple(GROUPS),
        ),
        Measure("supervision ended", "sentences", c.counted("SupervisionEnded", kind="reason"), "s2:459"),
        Measure(
            "placements not suitable",
            "placements for unpaid work that were rejected, by reason",
            c.counted("PlacementRejected", kind="reason"),
            "UPW-3, UPW-10; s2:459",
        ),
        Measure(
            "oral reports to courts",
            "pre-sentence reports that were given orally, of all that were delivered; their share is to fall",
            c.oral_reports,
            "CRT-2; s4:98, s3:63, s3:69",
            shown_as="share",
            groups=(*GROUPS, *REPORT_GROUPS),
        ),
    ),
    "Done by its date": (
        Measure(
            "sentences allocated on time",
            "first allocations by their due date, of all that were made or are overdue",
            c.allocated,
            "ALLOC-1; s4:108",
            shown_as="share",
            groups=tuple(GROUPS),
        ),
        Measure(
            "allocations overdue",
            "sentences not allocated by their due date",
            c.counted("AllocationOverdue", kind="reason"),
            "ALLOC-1, ALLOC-5; s4:108",
        ),
        Measure(
            "first appointments in time",
            "of the sentences with standard contact, by the first day of the plan",
            c.planned("InitialAppointmentOverdue"),
            "ALLOC-22",
            shown_as="share",
            groups=tuple(GROUPS),
        ),
        Measure(
            "sentence plans in time",
            "of the sentences with standard contact, by the first day of the plan",
            c.planned("SentencePlanOverdue"),
            "CONT-25",
            shown_as="share",
            groups=tuple(GROUPS),
        ),
        Measure(
            "home visits in time",
            "of the visits made or overdue, by the date they were due",
            c.made_or_late("HomeVisitRequired", "HomeVisitOverdue", "sentence_id", "registration"),
            "CONT-7, CONT-8",
            shown_as="share",
            groups=tuple(GROUPS),
        ),
        Measure("monthly standards missed", "sentences and months", c.standards_missed, "CONT-2"),
        Measure(
            "answered by letter in time",
            "failures that had to be answered whose letter is not overdue",
            c.answered,
            "ENF-10",
            shown_as="share",
            groups=tuple(GROUPS),
        ),
        Measure(
            "breach packs in time",
            "breaches whose pack is not overdue, of those required that were acted on or whose pack is "
            "overdue, by the date the pack was due",
            c.made_or_late("BreachRequired", "BreachPackOverdue", "sentence_id", "due_on"),
            "ENF-13",
            shown_as="share",
        ),
        Measure("steps of a breach overdue", "packs and informations", c.steps_overdue, "ENF-9, ENF-13"),
        Measure("recall papers late", "recalls", c.counted("RecallDeadlineMissed"), "ENF-27"),
        Measure(
            "unpaid work started in time",
            "requirements whose unpaid work started in time, of all that started or are late",
            c.work_started,
            "UPW-1",
            shown_as="share",
            groups=tuple(GROUPS),
        ),
        Measure("unpaid work started too late", "requirements", c.counted("UnpaidWorkStartOverdue"), "UPW-1"),
        Measure(
            "referrals started in time",
            "referrals whose start was not escalated, of all that started or whose start was escalated",
            c.referrals_started,
            "DF-10, DF-14",
            shown_as="share",
            groups=tuple(GROUPS),
        ),
        Measure(
            "steps of referrals escalated",
            "steps so late, or so lacking, that a manager was told, by the date they were due",
            c.escalated,
            "DF-10, DF-14",
        ),
        Measure(
            "attendance recorded late",
            "sessions that providers recorded later than they must",
            c.counted("ProviderRecordLate"),
            "INFO-2, ENF-37",
        ),
        Measure(
            "days from referral to start",
            "average number of days from the referral to the first session, by the month of that session",
            c.waited,
            "DF-11; s4:239, s3:51",
            shown_as="average",
        ),
    ),
    "Enforcement": (
        Measure(
            "failures to attend or comply",
            "enforceable failures",
            c.counted("ContactMissed"),
            "CONT-12, CONT-14",
        ),
        Measure(
            "absences excused", "absences for an acceptable reason", c.counted("ContactExcused"), "CONT-14"
        ),
        Measure("breaches brought", "proceedings started", c.counted("BreachStarted"), "ENF-15"),
        Measure(
            "breaches concluded", "by outcome", c.counted("BreachConcluded", kind="outcome"), "ENF-15, ENF-36"
        ),
        Measure("taken back on later evidence", "warnings and breaches", c.taken_back, "ENF-18"),
        Measure(
            "managers asked about absences",
            "reviews, done or not",
            c.counted("ManagerReviewRequired"),
            "ENF-20",
        ),
        Measure("recall considered", "occasions", c.recalls_considered, "ENF-26"),
        Measure(
            "recalls",
            "by the type that the law prescribes",
            c.counted("RecallTypeDetermined", kind="type"),
            "ENF-28, ENF-29, ENF-30",
        ),
    ),
    "Contact and work": (
        Measure(
            "months with too much video", "sentences and months", c.counted("VideoShareExceeded"), "CONT-4"
        ),
        Measure(
            "contact suspended",
            "sentences",
            c.counted("ContactSuspended", kind="ground"),
            "CONT-17, CONT-22, ENF-35",
        ),
        Measure("hours of unpaid work", "hours credited", c.worked, "UPW-13", per=60),
        Measure(
            "unpaid work stood down",
            "sessions stood down, of those worked or stood down",
            c.stood_down,
            "UPW-11; s4:253",
            shown_as="share",
        ),
        Measure("days of rehabilitation activity", "days used", c.counted("RarDayUsed"), "RAR-4"),
    ),
}
"""Quality and outcomes first, then what was done by its date (PERF-3; s2:459)."""

MEASURES = tuple(measure for measures in AREAS.values() for measure in measures)
"""In the order of the demo's table and the pages."""

NOW_BY_NEED = (
    Measure(
        "needs unmet",
        "needs that a sentence plan wants met by a service and that nothing listed would meet",
        c.standing("NeedUnmet", kind="need"),
        "DF-17, DF-8; s3:51, s4:92, s4:239",
    ),
    Measure(
        "coverage gaps",
        "needs for which a region or delivery unit lists no intervention, or none for a group",
        c.standing("CoverageGapDetected", kind="need"),
        "DF-6, AP-3, EQ-3; s4:175",
    ),
)
"""What stands now of each need."""

NOW = (
    *NOW_BY_NEED,
    Measure(
        "referrals waiting",
        "referrals that wait for a place, because all places are taken",
        c.standing("ReferralWaiting"),
        "DF-11; s4:239",
    ),
    Measure(
        "free places",
        "places of all interventions listed in the region that are free, as the day began",
        c.standing("AvailabilityChanged", amount="free"),
        "DF-18; s4:239, s3:51",
    ),
    Measure(
        "people waiting for a place",
        "people whom the interventions listed in the region let wait, as the day began",
        c.standing("AvailabilityChanged", amount="waiting"),
        "DF-18; s4:239, s3:51",
    ),
)
"""What stands now, whatever its month."""

BY_KEY = {measure.key: measure for measure in (*MEASURES, *NOW)}
"""Each measure by its name in addresses."""

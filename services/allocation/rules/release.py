"""What must be done before a release: the hand-over from the prison, and the tasks of the practitioner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.allocation import HandoverDue, PreReleaseTaskDue, PreReleaseTaskOverdue
from services.allocation.facts import TaskDone
from services.allocation.managed import plan_known, responsible_from
from services.allocation.tables import whole
from services.allocation.view import AllocationView
from shared.engine.assessment import Finding, once_a_day
from shared.engine.case import Record
from shared.probation.facts import Release, ReleasePlan, Sentence, TakenIntoCustody
from shared.probation.supervision import SupervisionPeriod


@dataclass(frozen=True, slots=True)
class ComingRelease:
    """A release of a sentence that is planned, or was before it came: the first, or one after a recall.

    `since` is the first day of that time in prison, `recall` what began it if the sentence did not. `over_on`
    is the first day on which nothing is due before the release any more: it has come, or the sentence is
    over. None until then.
    """

    period: SupervisionPeriod
    plan: ReleasePlan
    since: date
    recall: TakenIntoCustody | None
    over_on: date | None

    @property
    def sentence(self) -> Sentence:
        return self.period.sentence

    @property
    def because(self) -> tuple[Record, ...]:
        return (self.sentence, self.plan, *([self.recall] if self.recall else []))


@dataclass(frozen=True, slots=True)
class Task:
    """A task before a release: when it is due, and what says that it is done."""

    release: ComingRelease
    name: str
    due_on: date
    done: TaskDone | None
    policy: str


def handover_due(view: AllocationView) -> Iterator[Finding]:
    """RES-4: a long-term prisoner is handed over from the prison so many days before the planned release.

    Resolved when a practitioner is in place from that day on.
    """
    for release in coming_releases(view):
        sentence = release.sentence
        if release.plan.stay != "long_term" or release.recall is not None:
            continue
        made = [a.allocated_on for a in view.allocations if a.sentence_id == sentence.sentence_id]
        yield Finding(
            event=HandoverDue(
                sentence_id=sentence.sentence_id,
                due_on=responsible_from(view, sentence, release.plan),
            ),
            key=sentence.sentence_id,
            rules=("RES-4",),
            because=release.because,
            policy=view.values(release.plan.release_on, sentence).version,
            resolved_on=made[0] if made else None,
            ended_on=release.over_on,
        )


def pre_release_task_due(view: AllocationView) -> Iterator[Finding]:
    """RES-1, RES-6: each task before a release is due so many days before it; a moved release moves it."""
    latest = {(task.release.sentence.sentence_id, task.name): task for task in tasks(view)}
    for task in latest.values():
        yield Finding(
            event=PreReleaseTaskDue(
                sentence_id=task.release.sentence.sentence_id, task=task.name, due_on=task.due_on
            ),
            key=f"{task.release.sentence.sentence_id}/{task.name}",
            rules=("RES-1", "RES-6"),
            because=task.release.because,
            policy=task.policy,
            resolved_on=task.done.completed_on if task.done else None,
            ended_on=task.release.over_on,
        )


def pre_release_task_overdue(view: AllocationView) -> Iterator[Finding]:
    """RES-6: a task was not done by its day; still so when it is done late, and after a recall."""
    for task in tasks(view):
        over_on, done = task.release.over_on, task.done
        if (over_on is not None and over_on <= task.due_on) or (done and done.completed_on <= task.due_on):
            continue
        if view.today.after(task.due_on):
            sentence_id = task.release.sentence.sentence_id
            yield Finding(
                event=PreReleaseTaskOverdue(sentence_id=sentence_id, task=task.name, due_on=task.due_on),
                key=f"{sentence_id}/{task.name}/{task.due_on}",
                rules=("RES-6",),
                because=task.release.because,
                policy=task.policy,
            )


@once_a_day
def coming_releases(view: AllocationView) -> list[ComingRelease]:
    """The planned release of each time in prison, by the plan that stands, or stood when the release came.

    In order: those of a sentence follow each other.
    """
    found = []
    for period in view.supervision.values():
        sentence = period.sentence
        if not sentence.custodial or not view.today.reached(sentence.imposed_on):
            continue
        end = period.end(view.today)
        for since, recall, release in _times_in_prison(view, period):
            plan = plan_known(view, sentence, release)
            if plan is None or (recall is not None and plan.release_on <= since):
                continue
            over = [*([release.released_on] if release else []), *([end.over_on] if end else [])]
            found.append(ComingRelease(period, plan, since, recall, min(over, default=None)))
    return found


def _times_in_prison(
    view: AllocationView, period: SupervisionPeriod
) -> Iterator[tuple[date, TakenIntoCustody | None, Release | None]]:
    """The first day of each time in prison, the recall that began it, and the release that ended it by today.

    None began the first. Of several recalls before one release, the last counts.
    """
    id, imposed_on, begins_on = period.sentence.sentence_id, period.sentence.imposed_on, period.begins_on
    releases = sorted(
        (r for r in view.case.releases.values() if r.sentence_id == id and view.today.reached(r.released_on)),
        key=lambda r: r.released_on,
    )
    yield imposed_on, None, releases[0] if releases else None
    recalls: dict[date | None, tuple[date, TakenIntoCustody, Release | None]] = {}
    for taken in sorted(view.case.taken.values(), key=lambda t: (t.taken_on, *t.stamp)):
        day = taken.taken_on
        if taken.reason != "recall" or taken.sentence_id not in (None, id) or not view.today.reached(day):
            continue
        if begins_on is not None and begins_on <= day:
            release = next((r for r in releases if r.released_on > day), None)
            recalls[release.released_on if release else None] = (day, taken, release)
    yield from recalls.values()


@once_a_day
def tasks(view: AllocationView) -> list[Task]:
    """RES-6: the tasks before each planned release, from when a practitioner is responsible for them.

    Due no earlier than that day. A short-term prisoner's are due in half the time. What was done in an
    earlier time in prison does not count for the release after a recall.
    """
    found = []
    for release in coming_releases(view):
        sentence, plan = release.sentence, release.plan
        first = max(release.since, responsible_from(view, sentence, plan))
        if not view.today.reached(first) or (release.over_on is not None and release.over_on <= first):
            continue
        values = view.values(plan.release_on, sentence)
        table = values.table("pre_release_tasks")
        share = values.integer("short_term_task_divisor") if plan.stay == "short_term" else 1
        for name in table:
            due_on = max(plan.release_on - timedelta(days=whole(table, name) // share), first)
            done = [
                one
                for one in view.case.tasks_done.values()
                if (one.sentence_id, one.task) == (sentence.sentence_id, name)
                and one.completed_on >= release.since
                and view.today.reached(one.completed_on)
            ]
            earliest = min(done, key=lambda d: (d.completed_on, *d.stamp), default=None)
            found.append(Task(release, name, due_on, earliest, values.version))
    return found

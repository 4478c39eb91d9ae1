"""Who is who: identifiers, who supervises them, merged and moved records, access and erasure."""

from __future__ import annotations

from collections.abc import Iterator

from feeds import identity
from feeds.codes import table
from feeds.hmpps.envelope import Notice, event_reference
from feeds.message import Node
from feeds.statement import About, Fact, Identifier, Link, Place, Statement, own_id


def person(notice: Notice) -> Iterator[Statement]:
    """A person's identifiers and who supervises them, as case management has them now."""
    detail = notice.message.answer()
    ids = detail["otherIds"]
    crn = identity.crn(ids.optional("crn"))
    people = notice.people() if crn is None else (crn,)
    known_as = identity.some(
        identity.pnc(ids.optional("pncNumber")),
        identity.cro(ids.optional("croNumber")),
        identity.noms(ids.optional("nomsNumber")),
    )
    about = About(people, known_as=known_as, place=_place(detail))
    yield Statement(f"person/{_name(people)}", notice.recorded, (about,))


def _place(detail: Node) -> Place | None:
    """The region of the person's manager, and the delivery unit, which case management keeps as a borough."""
    for manager in detail.each("offenderManagers"):
        if manager["active"].value is False or manager.flag("softDeleted"):
            continue
        region = table("hmpps", "regions").of(manager["probationArea"], "code").word
        unit = manager["team"]["borough"].optional("description")
        if unit is not None:
            return Place(region, unit)
    return None


def access(notice: Notice) -> Iterator[Statement]:
    """Who may see the case."""
    detail = notice.message.answer()
    limited = detail.flag("currentExclusion") or detail.flag("currentRestriction")
    people = notice.people()
    effective_on = notice.day
    data = {
        "access_id": own_id("access", _name(people)),
        "limited": limited,
        "effective_on": effective_on,
    }
    record = f"access/{_name(people)}/{effective_on}"
    yield notice.statement(record, Fact("CaseAccessChanged", data, notice.occurred))


def merged(notice: Notice) -> Iterator[Statement]:
    """One record went into another."""
    source, target = notice.crn_of("sourceCRN"), notice.crn_of("targetCRN")
    if source == target:
        raise notice.info["targetCRN"].wrong("is the same as sourceCRN")
    fact = Fact("PersonMerged", {"into": target.value}, notice.occurred)
    yield notice.statement(f"merge/{source.value}", fact, person=(source,))


def unmerged(notice: Notice) -> Iterator[Statement]:
    """A merge was undone. The record says so in place of the merge, until it is merged again."""
    stays, reactivated = notice.crn_of("unmergedCRN"), notice.crn_of("reactivatedCRN")
    data = {"reactivated": reactivated.value, "unmerged_on": notice.day}
    fact = Fact("PersonUnmerged", data, notice.occurred)
    yield notice.statement(f"merge/{reactivated.value}", fact, person=(stays,))


def moved(notice: Notice) -> Iterator[Statement]:
    """A sentence belongs to another record from now on, with all that was told of it."""
    source, target = notice.crn_of("sourceCRN"), notice.crn_of("targetCRN")
    old = event_reference(notice.info.id("sourceEventNumber"))
    new = event_reference(notice.info.id("targetEventNumber"))
    record = f"moved/{source.value}/{old.value}"
    link = Link(new, moved_from=(source.value, old))
    yield notice.statement(record, person=(target,), links=(link,))


def erased(notice: Notice) -> Iterator[Statement]:
    """Retention has ended."""
    people = notice.people()
    fact = Fact("PersonErased", {"erased_on": notice.day}, notice.occurred)
    yield notice.statement(f"erased/{_name(people)}", fact)


def prison_merged(notice: Notice) -> Iterator[Statement]:
    """A person has another prison number as well."""
    stays = identity.noms(notice.info.text("nomsNumber"))
    removed = identity.noms(notice.info.text("removedNomsNumber"))
    if stays is None or removed is None:
        raise notice.info["removedNomsNumber"].wrong("and nomsNumber must be prison numbers")
    record = f"prison-merge/{removed.value}"
    yield notice.statement(record, person=(stays,), known_as=(removed,))


def _name(people: tuple[Identifier, ...]) -> str:
    """The name of a person in a record's key."""
    return people[0].value if people else "unknown"

"""A report as its templates show it: the content of an issued report in the language of the page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from creditmesh.apps.sharing.credit_reports.queries.reports import IssuedReport
from creditmesh.apps.sharing.credit_reports.rules.standing import Form, Kind
from creditmesh.web.portals.frame.figures import moment
from creditmesh.web.portals.reports import pictures, wording
from creditmesh.web.portals.reports.wording import iso_day, words

SOON = 90  # days within which the end of a publicity is worth a word
BASIC_ON_COVER = 8
MOST_ON_COVER = 8  # kinds of adverse records named on the first page
COUNTED = frozenset({"money", "percent", "integer"})
WIDE = frozenset({"scope", "address", "facts", "basis", "content", "findings", "conduct", "obligation"})


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A field and what it holds."""

    label: str
    value: str
    masked: bool = False
    wide: bool = False
    counted: bool = False  # a number: written in line with those above and below


@dataclass(frozen=True, kw_only=True)
class Publicity:
    """How long a record is still shown, and the part of the time that has passed, of a thousand."""

    until: str
    days_left: int | None
    passed: int | None
    rule: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One record."""

    title: str
    day: str
    facts: tuple[Fact, ...]
    contested_since: str
    publicity: Publicity | None


@dataclass(frozen=True, kw_only=True)
class Column:
    """The head of a column."""

    label: str
    counted: bool


@dataclass(frozen=True, kw_only=True)
class Part:
    """The records of one item, with where they come from."""

    code: str
    label: str
    authority: str
    sources: str
    as_of: str
    mode: str
    status: str
    masked: bool
    total: int
    more: int
    columns: tuple[Column, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """A section with records."""

    id: str
    title: str
    note: str
    nothing: str
    parts: tuple[Part, ...]
    total: int


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The evaluation: grade, scale, points of each part, history, and for the subject the reasons."""

    graded: bool
    outdated: bool
    outcome: str
    symbol: str
    label: str
    ink: str
    soft: str
    colour: str
    score: int | None
    scale: int
    system: str
    version: str
    owner: str
    as_of: str
    status: str
    source: str
    bands: tuple[pictures.Band, ...]
    mark: int | None
    groups: tuple[pictures.Bar, ...]
    history: tuple[pictures.Dot, ...]
    line: str
    reasons: tuple[tuple[str, str], ...]
    decided: tuple[tuple[str, str], ...]
    short_of: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Document:
    """Everything the templates of a report show."""

    form: str
    full: bool
    for_institution: bool
    serial: str
    name: str
    subject: str
    issuer: str
    region: str
    issued: str
    as_of: str
    reader: str
    purpose: str
    authorisation: str
    verify_at: str
    qr: pictures.Code
    state: str
    digest: str
    entry: str
    fictitious: bool
    counts: Mapping[str, int]
    cover_facts: tuple[Fact, ...]
    glance: tuple[tuple[str, int], ...]
    glance_more: bool
    basic: Part | None
    verdict: Verdict | None
    chapters: tuple[Chapter, ...]
    withheld: tuple[str, ...]
    rules: tuple[Mapping[str, str], ...]
    rule_pack: str
    catalogue: str
    ends_soon: int

    @property
    def first_number(self) -> int:
        """Return how many chapters stand before the records."""
        return int(self.verdict is not None) + int(self.basic is not None)

    @property
    def last_number(self) -> int:
        """Return the number of the last chapter."""
        return self.first_number + len(self.chapters) + 1


def document(issued: IssuedReport, *, form: Form) -> Document:
    """Return a report as it is shown in the language of the page."""
    said = issued.content
    rules = {one["id"]: one for one in said["rules"]}
    chapters = tuple(_chapters(said["sections"], rules))
    basic = _part(said["basic"], rules) if said["basic"] else None
    facts = basic.entries[0].facts if basic else ()
    return Document(
        form=form.value,
        full=form is Form.FULL,
        for_institution=said["kind"] == Kind.INSTITUTION,
        serial=said["serial"],
        name=said["subject"]["name"] or said["subject"]["code"],
        subject=said["subject"]["code"],
        issuer=said["issuer"]["name"],
        region=said["issuer"]["region"],
        issued=moment(datetime.fromisoformat(said["issued_at"])),
        as_of=iso_day(said["as_of"]),
        reader=said["reader"]["name"],
        purpose=words(said["purpose_label"]) or said["purpose"],
        authorisation=said["authorisation"],
        verify_at=said["verify_at"],
        qr=pictures.code(said["verify_at"]),
        state=issued.line.state.value,
        digest=issued.content_digest,
        entry=issued.ledger_entry,
        fictitious=said["fictitious"],
        counts=said["counts"],
        # The code stands under the name already.
        cover_facts=tuple(one for one in facts if not one.wide and one.value != said["subject"]["code"])[
            :BASIC_ON_COVER
        ],
        glance=tuple((part.label, part.total) for part in chapters[0].parts[:MOST_ON_COVER]),
        glance_more=len(chapters[0].parts) > MOST_ON_COVER,
        basic=basic,
        verdict=verdict(said["evaluation"]) if said["evaluation"] else None,
        chapters=chapters,
        withheld=tuple(words(one["label"]) for one in said["withheld"]),
        rules=tuple(_rule(one) for one in said["rules"]),
        rule_pack=said["rule_pack"],
        catalogue=", ".join(said["catalogue"]),
        ends_soon=_ends_soon(chapters),
    )


def _chapters(sections: Sequence[Mapping[str, Any]], rules: Mapping[str, Any]) -> Iterator[Chapter]:
    titles = {
        "adverse": (
            _("Adverse records within publicity"),
            _(
                "Only what may still be shown on the day of the report; repaired or expired records appear nowhere."
            ),
            _("No adverse record that may be shown is held here."),
        ),
        "positive": (
            _("Positive records"),
            _("Honours, valid licences and certificates, tax grade A, inspections without findings."),
            _("No positive record is held here."),
        ),
        "neutral": (
            _("Registration and operations"),
            _("Facts that speak neither for nor against the enterprise."),
            _("No further record may be shown."),
        ),
    }
    for one in sections:
        title, note, nothing = titles[one["id"]]
        yield Chapter(
            id=one["id"],
            title=title,
            note=note,
            nothing=nothing,
            parts=tuple(_part(block, rules) for block in one["blocks"]),
            total=sum(block["total"] for block in one["blocks"]),
        )


def _part(block: Mapping[str, Any], rules: Mapping[str, Any]) -> Part:
    fields = block["fields"]
    return Part(
        code=block["item"],
        label=words(block["label"]),
        authority=words(block["authority"]),
        sources=_("; ").join(words(one["label"]) for one in block["sources"]),
        as_of=iso_day(block["as_of"]),
        mode=block["mode"],
        status=block["status"],
        masked=bool(block["masked"]),
        total=block["total"],
        more=block["total"] - len(block["lines"]) if block["item"] != "ENT-01" else 0,
        columns=tuple(Column(label=words(one["label"]), counted=_counted(one)) for one in fields),
        entries=tuple(_entry(line, fields, block["masked"], rules) for line in block["lines"]),
    )


def _counted(field: Mapping[str, Any]) -> bool:
    return field["kind"] in COUNTED and field["name"] != "year"


def _entry(
    line: Mapping[str, Any],
    fields: Sequence[Mapping[str, Any]],
    masked: Sequence[str],
    rules: Mapping[str, Any],
) -> Entry:
    facts = tuple(
        Fact(
            label=words(field["label"]),
            value=wording.value(held, field),
            masked=field["name"] in masked,
            counted=_counted(field),
            wide=field["name"] in WIDE,
        )
        for held, field in zip(line["values"], fields, strict=True)
    )
    return Entry(
        title=facts[0].value if facts else iso_day(line["event_date"]),
        day=iso_day(line["event_date"]),
        facts=facts,
        contested_since=iso_day(line["contested_since"]) if line["contested_since"] else "",
        publicity=_publicity(line["publicity"], rules) if "publicity" in line else None,
    )


def _publicity(told: Mapping[str, Any], rules: Mapping[str, Any]) -> Publicity:
    left, whole = told["days_left"], told["days"]
    passed = None
    if left is not None and whole:
        passed = max(0, min(1000, 1000 * (whole - left) // whole))
    rule = rules.get(told["rule"])
    return Publicity(
        until=iso_day(told["until"]),
        days_left=left,
        passed=passed,
        rule=words(rule["label"]) if rule else "",
    )


def verdict(told: Mapping[str, Any]) -> Verdict:
    """Return an evaluation as it is shown in the language of the page."""
    rank = pictures.rank_of(told)
    place = 3 if rank is None else min(rank, 3)
    dots = pictures.history(told)
    return Verdict(
        graded=rank is not None,
        outdated=told.get("outdated", False),  # reports issued before this was said have no such word
        outcome=told["outcome"],
        symbol=told["grade"],
        label=words(told["grade_label"]),
        ink=pictures.INKS[place] if rank is not None else pictures.GREY,
        soft=pictures.SOFT[place] if rank is not None else "#edf0f3",
        colour=pictures.colour(place) if rank is not None else pictures.GREY,
        score=told["score"],
        scale=told["scale"],
        system=words(told["label"]),
        version=told["version"],
        owner=words(told["owner"]),
        as_of=iso_day(told["as_of"]),
        status=told["status"],
        source=told["source"],
        bands=pictures.scale(told),
        mark=pictures.mark(told),
        groups=pictures.bars(told["groups"], evaluation=told) if told["outcome"] != "excluded" else (),
        history=dots,
        line=pictures.polyline(dots),
        reasons=tuple((words(one["sentence"]), words(one["improve"])) for one in told["reasons"]),
        decided=tuple((words(one["label"]), words(one["repair"])) for one in told["decided"]),
        short_of=tuple(words(one) for one in told["short_of"]),
    )


def _rule(one: Mapping[str, Any]) -> Mapping[str, str]:
    units = {"month": _("%(n)s months"), "year": _("%(n)s years")}
    return {
        "label": words(one["label"]),
        "value": units.get(one["unit"], "%(n)s") % {"n": one["value"]},
        "status": one["status"],
        "source": one["source"],
    }


def _ends_soon(chapters: Sequence[Chapter]) -> int:
    entries = (entry for chapter in chapters for part in chapter.parts for entry in part.entries)
    left = (one.publicity.days_left for one in entries if one.publicity)
    return sum(1 for days in left if days is not None and days <= SOON)

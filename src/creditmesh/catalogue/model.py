"""The words of a sharing list: classes, items, fields, and what may be done with each."""

from datetime import date
from enum import StrEnum
from functools import cached_property

from pydantic import BaseModel, ConfigDict, Field

Name = str  # snake_case, unique where it stands


class Part(BaseModel):
    """Refuse unknown keys and later changes in every part of a catalogue file."""

    # Numbers may stand for text, so that an official need not quote a region code or a unit number.
    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)


class Text(Part):
    """Hold the same words in Chinese and English."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the words for a language code such as `zh-hans` or `en`."""
        return self.zh if language.lower().startswith("zh") else self.en


class Status(StrEnum):
    """How sure we are of a rule, a number or a list; shown wherever it is shown."""

    OFFICIAL = "official"
    RECONSTRUCTED = "reconstructed"
    RECALLED = "recalled"
    DEFAULT = "default"
    LOCAL = "local"
    FICTITIOUS = "fictitious"


class Mode(StrEnum):
    """How an item may be shared (domain.md §1.3)."""

    OPEN = "OPEN"
    AUTH = "AUTH"
    VERIFY = "VERIFY"
    RAW = "RAW"
    GOV = "GOV"


class Sensitivity(StrEnum):
    """How carefully a value must be handled: public, internal, commercially sensitive, personal."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"


class Level(StrEnum):
    """Who must deliver: the centre, the locality, or both."""

    NATIONAL = "national"
    LOCAL = "local"
    NATIONAL_AND_LOCAL = "national+local"


class Update(StrEnum):
    """What a later row or batch does to what is held already."""

    APPEND = "append"  # the first row of a key stays; the same key again is a duplicate
    UPSERT = "upsert"  # the last row of a key counts
    REPLACE = "replace"  # a batch is the whole list of its source and replaces the one before


class Kind(StrEnum):
    """What a field's text is read as."""

    TEXT = "text"
    INTEGER = "integer"
    MONEY = "money"  # stored in fen
    PERCENT = "percent"  # stored in basis points
    DATE = "date"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    USCC = "uscc"
    REGISTRATION_NUMBER = "registration_number"
    REGION = "region"
    INDUSTRY = "industry"


class Check(StrEnum):
    """What a wrong value does to its row: quarantine it, or accept it with a warning.

    With `warn` a wrong identifier is kept as it came; any other value that cannot be read stays empty.
    """

    STRICT = "strict"
    WARN = "warn"


class FieldDefinition(Part):
    """One column of an item: its name, type, unit, limits, and the names it goes by in the wild."""

    name: Name
    label: Text
    kind: Kind = Kind.TEXT
    required: bool = False
    unit: str | None = None  # what a bare number means on arrival: 元, 万元, 人, 度, 吨 ...
    sensitivity: Sensitivity = Sensitivity.L1
    personal: bool = False
    aliases: tuple[str, ...] = ()
    choices: dict[str, Text] = Field(default_factory=dict)  # value -> words
    choice_aliases: dict[str, str] = Field(default_factory=dict)  # text in the wild -> value
    empty_values: tuple[str, ...] = ()  # besides '' what counts as not stated: N/A, 无, - ...
    minimum: int | None = None  # in the stored unit
    maximum: int | None = None
    earliest: date | None = None
    not_in_future: bool = False
    max_length: int = 500
    check: Check = Check.STRICT
    help: Text | None = None


class SubjectBy(Part):
    """Which fields say whom a row is about; tried in the order code, name + registration number."""

    code: Name | None = None
    name: Name | None = None
    registration_number: Name | None = None
    pseudonym: Name | None = None


class Describes(Part):
    """Which fields of an item describe the subject itself, for the register of subjects."""

    name: Name
    region: Name | None = None
    industry: Name | None = None
    entity_type: Name | None = None
    established: Name | None = None
    status: Name | None = None
    fixed_region: str | None = None
    region_of_code: bool = False  # the region digits of the subject's code, where no column names one


class OpenWhen(Part):
    """Which rows of an item with mode OPEN are public: those whose field has one of the values."""

    field: Name
    values: tuple[str, ...] = Field(min_length=1)


class Cadence(StrEnum):
    """How often a source is to deliver."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"
    ON_REQUEST = "on_request"


class Item(Part):
    """One information item: who delivers what about whom, how it is keyed, kept and shared."""

    code: str
    class_code: str
    label: Text
    authority: Text
    level: Level
    status: Status
    evidence: str
    update: Update
    record_key: tuple[Name, ...] = Field(min_length=1)
    subject: SubjectBy
    describes: Describes | None = None
    event_date: Name | None = None
    fields: tuple[FieldDefinition, ...] = Field(min_length=1)
    modes: tuple[Mode, ...] = Field(min_length=1)
    sensitivity: Sensitivity
    cadence: Cadence
    deliver_within_days: int = Field(ge=0)  # from the event to its arrival, for timeliness
    sources: tuple[str, ...] = ()  # source codes that may deliver; empty: any source the operator admits
    retention: str | None = None  # rule id, or the start of several, in the rule pack
    publicity: str | None = None  # rule id, or the start of several, in the rule pack
    lasting: bool = False  # says how things stand until a later record, not what happened on a day
    open_when: OpenWhen | None = None  # without it every row of an OPEN item is public
    ignored_columns: tuple[str, ...] = ()  # headers that may come and are never kept, such as ID numbers
    delivered_as: tuple[str, ...] = ()  # files in a data folder that hold this item, for `sample load --data`

    def field(self, name: str) -> FieldDefinition:
        """Return the field of that name; raise `KeyError` when there is none."""
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(name)


class InfoClass(Part):
    """A class of the sharing list, such as 纳税信息 / tax."""

    code: str
    label: Text


class Source(Part):
    """A department or body that delivers; `regions` are the region-code prefixes it speaks for.

    A local list adds its departments to items of the list it extends by `delivers`; once loaded, the
    item's own `sources` name them all.
    """

    code: str
    label: Text
    regions: tuple[str, ...] = ("",)
    delivers: tuple[str, ...] = ()  # item codes


class SharingList(Part):
    """A versioned catalogue of information classes and items, with the source of the list itself."""

    id: str
    version: str
    status: Status
    label: Text
    origin: str
    effective_from: date
    extends: str | None = None
    classes: tuple[InfoClass, ...] = ()
    sources: tuple[Source, ...] = ()
    items: tuple[Item, ...] = ()


class Catalogue(Part):
    """All lists a node works with, merged; classes, items and sources found by code."""

    lists: tuple[SharingList, ...]

    @cached_property
    def classes(self) -> dict[str, InfoClass]:
        """Return every information class by its code, national list first."""
        return {one.code: one for part in self.lists for one in part.classes}

    @cached_property
    def items(self) -> dict[str, Item]:
        """Return every item by its code, national list first."""
        return {item.code: item for one in self.lists for item in one.items}

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Return every source by its code."""
        return {source.code: source for one in self.lists for source in one.sources}

    @cached_property
    def _list_by_item(self) -> dict[str, SharingList]:
        return {item.code: one for one in self.lists for item in one.items}

    def list_of(self, item_code: str) -> SharingList:
        """Return the list an item stands in; raise `KeyError` for an unknown item."""
        return self._list_by_item[item_code]

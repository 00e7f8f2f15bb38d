"""What went wrong, in the language of the page."""

import re

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.portals.frame.vocabulary import all_together
from creditmesh.web.portals.frame.vocabulary.systems import FILE_RULES

# On an English page the error speaks for itself, with its details; these stand on a Chinese one.
SENTENCES: dict[str, Promise | str] = {
    "not-permitted": _("Your role does not permit this. Ask the operator of the node if you need it."),
    "unknown-item": _("The catalogue has no such item. Look up its code on the page of the catalogue."),
    "unknown-source": _("The catalogue has no such source. Look it up there, or ask the operator to add it."),
    "source-may-not-deliver": _(
        "This source does not deliver this item. Choose the item your department answers for."
    ),
    "wrong-state": _(
        "This step is not possible from where it stands now. Load the page again to see its state."
    ),
    "bad-delivery": _(
        "Something said about the file cannot be right. Check the item, the source and the key."
    ),
    "idempotency-key-used": _("This key was used before with another file. Choose a new key."),
    "delivery-too-large": _("The file is too large for this node. Split it and send the parts one by one."),
    "empty-delivery": _("The file is empty. Send it with its header and at least one row."),
    "disk-full": _("The disk of the node is full; nothing was kept. Tell the operator, then send again."),
    "unknown-run": _("There is no such run. Look it up in the list of runs."),
    "no-results-yet": _("No run of this system has ended so far. Ask for a run, then come back."),
    "already-under-way": _(
        "A run of this system for this day is under way already. Wait for it, or give it up."
    ),
    "day-out-of-range": _("The day must lie between the year 2000 and today."),
    "purpose-not-kept": _("This node keeps no results of that purpose yet."),
    "list-too-long": _("The list is too long for an Excel file. Narrow it, or take it as CSV."),
    "unknown-organisation": _("There is no such organisation. Create it first."),
    "unknown-user": _("There is no such user. Check the spelling, or create the user first."),
    "unknown-batch": _("There is no such batch among those you may see."),
    "no-refused-rows": _("No row of this batch was refused."),
    "too-large": _("The file is too large for this node. Split it and send the parts one by one."),
    "unknown-subject": _("No such enterprise is held here. Check the code."),
    "name-taken": _("This code or name is in use already. Choose another one."),
    "weak-password": _(
        "The password is too easy to guess: take a longer one, no common word, nothing like the user name."
    ),
    "wrong-role": _(
        "This organisation has no such role, or the user belongs to another organisation already."
    ),
    "unknown-key": _("There is no such API key among yours. Load the page again."),
    "key-too-long": _("An API key is valid for at least a day and at most a year. Choose fewer days."),
    "unknown-case": _(
        "Nothing waits for a decision here; perhaps it was decided meanwhile. Look at the list."
    ),
    "unknown-standing": _(
        "The run says nothing about this enterprise. Choose another system or a later run."
    ),
    "unknown-system": _("There is no such index system. Look it up in the list of systems."),
    "system-file-changed": _(
        "The file of the index system is not the one the run was made with. Tell the operator of the node."
    ),
    "not-plain-files": _(
        "A table was written in a way only DuckDB can read. Evaluate with the engine duckdb."
    ),
    "spark-failed": _("Spark gave the computation up and nothing was kept. See its logs, then ask again."),
    "spark-unavailable": _(
        "No Spark cluster can be used from here. Its operator sees why in the run's failure."
    ),
    "results-gone": _("The results of the run are kept here no longer. Ask for a new run."),
    "run-taken": _("Another worker is at this run already. Wait until it has ended."),
    "lease-lost": _("Another worker took this over meanwhile. Nothing is lost; load the page again."),
    "held-by-another": _("Another worker is at this batch already. Wait until it has ended."),
    "nothing-to-load": _("There is no file to take in this folder. Check the folder and the file names."),
    "lake-busy": _("Too many write to this table at once; nothing was changed. Try again in a minute."),
    "ledger-only-grows": _("Entries of the ledger are never changed. Add a new one that corrects the old."),
    **all_together.SENTENCES,
}
# Their own words name a code that tells programs something, people nothing.
FOR_PROGRAMS = frozenset({"not-permitted"})
# Engines that read deliveries say everything in Chinese first, then in English.
BILINGUAL = re.compile(
    r"(?P<zh>.*?[\u4e00-\u9fff].*?[。！？]) (?P<en>[A-Z][^\u3002\uff01\uff1f]*[.!?])", re.DOTALL
)


def sentence(refusal: CreditmeshError, *, about: str = "") -> str:
    """Return what is wrong and what to do, in the language of the page.

    `about` names what was asked for; an English sentence names it itself.
    """
    told = in_words(code=refusal.code, otherwise=refusal.sentence)
    return f"{told}（{about}）" if about and _on_a_chinese_page() and refusal.code in SENTENCES else told


def in_words(*, code: str, otherwise: str) -> str:
    """Return the Chinese words for a refusal on a Chinese page; `otherwise` where there are none."""
    if code in SENTENCES and (code in FOR_PROGRAMS or _on_a_chinese_page()):
        return str(SENTENCES[code])
    return spoken(otherwise)


def of_a_file(rule: str) -> str:
    """Return on a Chinese page what a rule of index-system files asks; '' where the English details say it all."""
    if not _on_a_chinese_page():
        return ""
    kind = rule if rule in FILE_RULES else rule.partition("-")[0]
    return str(FILE_RULES.get(kind, ""))


def spoken(text: str) -> str:
    """Return the half of a text in two languages that is in the language of the page; others as they are."""
    found = BILINGUAL.fullmatch(text)
    return found["zh" if _on_a_chinese_page() else "en"] if found else text


def _on_a_chinese_page() -> bool:
    return (get_language() or "zh").startswith("zh")

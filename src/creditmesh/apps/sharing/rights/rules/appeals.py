"""Appeals: no result and no refusal is made by a program alone without a person to turn to."""

from datetime import date
from enum import StrEnum

from creditmesh.apps.sharing.rights.rules.clocks import Term, term
from creditmesh.catalogue.rule_packs import RulePack

# Source: PIPL art. 24 (explanation on request, no purely automated decision); Shenzhen arts. 39, 52, 55.


class About(StrEnum):
    """What a person is asked to look at again."""

    EVALUATION = "evaluation"
    REFUSAL = "refusal"  # an automatic refusal or suspension
    REPAIR = "repair"  # a refused application for repair


class State(StrEnum):
    """Where an appeal stands."""

    OPEN = "open"
    ANSWERED = "answered"


class Answer(StrEnum):
    """What the person found."""

    STANDS = "stands"
    CHANGED = "changed"
    DATA_WRONG = "data_wrong"  # the result follows from records that need an objection first


def answer_term(*, pack: RulePack, place: str, on: date) -> Term:
    """Return within how many days a person answers (rule `appeal.answer`)."""
    return term(pack.rule("appeal.answer", on=on, jurisdiction=place))

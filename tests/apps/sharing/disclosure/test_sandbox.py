"""Those who try things out meet invented enterprises only, and nobody else ever meets those."""

from dataclasses import replace

import pytest
from tests.apps.sharing.disclosure.county import EAST, NOWHERE, Town

from creditmesh.apps.members.institutions import sandbox
from creditmesh.apps.sharing.disclosure.operations.inquiring import inquire
from creditmesh.apps.sharing.disclosure.rules.questions import InquiryRefused, Question
from creditmesh.catalogue.model import Mode

INVENTED = next(one.key for one in sandbox.subjects() if one.profile == sandbox.GOOD)


def records(by, subject: str, at, item: str = "ENT-01") -> list:
    question = Question(subject=subject, items=(item,), mode=Mode.OPEN)
    return inquire(by, question, at).content["blocks"][0]["records"]


def test_a_sandbox_institution_sees_invented_enterprises_by_the_same_way(town: Town, at) -> None:
    trying = replace(town.bank, sandbox=True)
    assert records(trying, INVENTED, at)
    assert records(trying, EAST, at, "PEN-01") == records(trying, NOWHERE, at, "PEN-01") == []


def test_a_sandbox_institution_is_refused_what_is_held_on_real_ones(town: Town, at) -> None:
    trying = replace(town.bank, sandbox=True)
    question = Question(
        subject=EAST, items=("TAX-02",), mode=Mode.AUTH, purpose="pre-loan", authorisation=town.granted()
    )
    with pytest.raises(InquiryRefused) as refused:
        inquire(trying, question, at)
    assert refused.value.code == "not-authorised"


def test_a_real_institution_never_meets_an_invented_enterprise(town: Town, at) -> None:
    assert records(town.bank, INVENTED, at) == []

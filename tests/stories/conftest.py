"""A node, two departments that know nothing of each other, and one person for each role."""

from datetime import datetime

import pytest
from tests.stories import village

from creditmesh.apps.ground.parties import operations
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, OrganisationKind, Role

# Who, where, with which role; the departments deliver for one source each.
DEPARTMENTS = (("li", "market-office", "qinghe-samr"), ("zhang", "tax-office", "qinghe-tax"))


def settle(at: datetime) -> None:
    """Give the cast its passwords, and let two data officers move in: `li` (market) and `zhang` (tax)."""
    for username, organisation, source in DEPARTMENTS:
        new = operations.NewOrganisation(
            code=organisation, name=organisation, kind=OrganisationKind.DEPARTMENT, sources=(source,)
        )
        operations.create_organisation(by=COMMAND_LINE, new=new, at=at)
        operations.create_user(by=COMMAND_LINE, username=username, password=village.PASSWORD, at=at)
        operations.add_membership(
            by=COMMAND_LINE, username=username, organisation=organisation, role=Role.DATA_OFFICER, at=at
        )
    for role in Role:
        operations.set_password(by=COMMAND_LINE, username=role.value, password=village.PASSWORD, at=at)


@pytest.fixture
def people(node, cast, noon):
    """The two data officers; everybody else is called as the role."""
    settle(noon)
    return cast

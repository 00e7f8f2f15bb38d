"""A node, two departments that know nothing of each other, and one person for each role."""

import pytest
from tests.stories import village

from creditmesh.apps.ground.parties import operations
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, OrganisationKind, Role

# Who, where, with which role; the departments deliver for one source each.
DEPARTMENTS = (("li", "market-office", "qinghe-samr"), ("zhang", "tax-office", "qinghe-tax"))


@pytest.fixture
def people(node, cast, noon):
    """Two data officers, `li` (market) and `zhang` (tax); everybody else is called as the role."""
    for username, organisation, source in DEPARTMENTS:
        new = operations.NewOrganisation(
            code=organisation, name=organisation, kind=OrganisationKind.DEPARTMENT, sources=(source,)
        )
        operations.create_organisation(by=COMMAND_LINE, new=new, at=noon)
        operations.create_user(by=COMMAND_LINE, username=username, password=village.PASSWORD, at=noon)
        operations.add_membership(
            by=COMMAND_LINE, username=username, organisation=organisation, role=Role.DATA_OFFICER, at=noon
        )
    for role in Role:
        operations.set_password(by=COMMAND_LINE, username=role.value, password=village.PASSWORD, at=noon)
    return cast

"""Make a sandbox: an institution with a program and a key, ready to be asked as."""

import base64
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties.models import Organisation
from creditmesh.apps.ground.parties.rules import Actor, OrganisationKind, Permission
from creditmesh.apps.members.institutions import models, queries
from creditmesh.apps.members.institutions.operations import admitting, keys, noticing, programs
from creditmesh.apps.members.institutions.rules.scopes import Scope
from creditmesh.apps.members.institutions.rules.standing import ROLE_OF_KIND
from creditmesh.exchange.keys import PrivateKey, PublicKey
from creditmesh.kernel.errors import CreditmeshError

NAME = "沙箱测试银行（虚构）"


class NotASandbox(CreditmeshError):
    """The code belongs to an organisation that is no sandbox."""

    code = "not-a-sandbox"


@dataclass(frozen=True)
class Sandbox:
    """What an engineer needs to try things out; `secret` is shown once."""

    institution: str
    client: str
    secret: str
    key: str  # thumbprint of the key in force


@transaction.atomic
def create(
    *, by: Actor, code: str, key: PrivateKey | None, public: PublicKey | None, at: datetime
) -> Sandbox:
    """Make a sandbox, or one more program of an existing one, and return what its engineer needs.

    The program's key is in force at once: `key`, whose private half signs its challenge here, or `public`, for
    which the operator answers. Raises `NotASandbox`, `TooManyPrograms`.
    """
    by.demand(Permission.MANAGE_INSTITUTIONS)
    _home(by=by, code=code, at=at)
    home = queries.row_of(code, locked=True)
    issued = programs.make(home=home, name="sandbox", scopes=list(Scope), by=by.who(), at=at)
    program = Actor(
        user_id=None,
        label="sandbox",
        organisation=code,
        roles=frozenset({ROLE_OF_KIND[OrganisationKind.BANK]}),
        client=issued.client,
        sandbox=True,
    )
    shown = key.public if key else public
    if shown is None:
        raise TypeError("a sandbox needs a key")
    line = keys.register(by=program, client=issued.client, material=shown.to_pem(), at=at)
    if key is not None:
        signature = base64.b64encode(key.sign(line.challenge.encode())).decode()
        keys.prove(by=program, key=line.uuid, signature=signature, at=at)
    else:
        keys.vouch(by=by, institution=code, key=line.uuid, at=at)
    audit.append(who=by.who(), act="sandbox.create", thing=Thing("institution", code), at=at)
    noticing.notify(institution=code, kind="sandbox.ready", about={"client": issued.client}, at=at)
    return Sandbox(institution=code, client=issued.client, secret=issued.secret, key=line.thumbprint)


def exists(code: str) -> bool:
    """Return whether a sandbox of that code is there."""
    return models.Institution.objects.filter(organisation__code=code, sandbox=True).exists()


def _home(*, by: Actor, code: str, at: datetime) -> None:
    if exists(code):
        return
    if Organisation.objects.filter(code=code).exists():
        raise NotASandbox(f"“{code}” is another organisation: choose another code for the sandbox.")
    new = parties.NewOrganisation(code=code, name=NAME, kind=OrganisationKind.BANK)
    parties.create_organisation(by=by, new=new, at=at)
    admitting.admit(by=by, organisation=code, sandbox=True, at=at)

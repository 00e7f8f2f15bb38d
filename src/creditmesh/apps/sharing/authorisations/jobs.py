"""News for institutions, and the daily round."""

import logging
from uuid import UUID

from django.utils import timezone
from django_tasks import task

from creditmesh.apps.members.institutions.operations.noticing import notify
from creditmesh.apps.members.institutions.queries import UnknownInstitution
from creditmesh.apps.sharing.authorisations.models import Authorisation, Request
from creditmesh.apps.sharing.authorisations.operations import expiring

logger = logging.getLogger(__name__)


@task()
def tell_signed(uuid: str) -> None:
    """Tell the institution that it was given an authorisation."""
    _tell(uuid, kind="authorisation.signed")


@task()
def tell_withdrawn(uuid: str) -> None:
    """Tell the institution that an authorisation was withdrawn."""
    _tell(uuid, kind="authorisation.withdrawn")


@task()
def tell_exhausted(uuid: str) -> None:
    """Tell the institution that an authorisation was used for the last time."""
    _tell(uuid, kind="authorisation.exhausted")


@task()
def tell_declined(uuid: str) -> None:
    """Tell the institution that its request was declined."""
    row = Request.objects.filter(uuid=UUID(uuid)).order_by("id").first()
    if row is not None:
        about = {"request": uuid, "purpose": row.purpose, "reference": row.reference}
        _notify(row.institution, kind="authorisation.declined", about=about)


@task()
def tidy() -> None:
    """Bring kept states up to the day."""
    expiring.tidy(at=timezone.now())


def _tell(uuid: str, *, kind: str) -> None:
    row = Authorisation.objects.select_related("request").filter(uuid=UUID(uuid)).order_by("id").first()
    if row is None:
        return
    about = {"authorisation": uuid, "purpose": row.purpose, "reference": row.reference}
    if row.request is not None:
        about["request"] = str(row.request.uuid)
    _notify(row.institution, kind=kind, about=about)


def _notify(institution: str, *, kind: str, about: dict[str, str]) -> None:
    try:
        notify(institution=institution, kind=kind, about=about, at=timezone.now())
    except UnknownInstitution:
        logger.warning("No inbox for %s: %s", institution, kind)

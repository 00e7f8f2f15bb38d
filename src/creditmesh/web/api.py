"""The one API: routers of the apps under /api/v1/, described at /api/v1/openapi.json."""

from typing import Any

from ninja import NinjaAPI, Swagger
from ninja.openapi.schema import OpenAPISchema

from creditmesh.apps.evaluation.grading.api.adjustments import router as adjustments
from creditmesh.apps.evaluation.grading.api.improvements import router as improvements
from creditmesh.apps.evaluation.grading.api.results import router as grading
from creditmesh.apps.evaluation.supervision.api import router as supervision
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.ground.records.api import router as records
from creditmesh.apps.members.institutions.api import router as institutions
from creditmesh.apps.sharing.authorisations.api import router as authorisations
from creditmesh.apps.sharing.credit_reports.api import router as credit_reports
from creditmesh.apps.sharing.disclosure.api.looking_back import router as disclosure
from creditmesh.apps.sharing.oversight.api import router as oversight
from creditmesh.apps.sharing.rights.api.departments import router as rights
from creditmesh.apps.sharing.rights.api.enterprises import router as own_rights
from creditmesh.web.access import requires
from creditmesh.web.portals.operator.ledger_api import router as ledger
from creditmesh.web.serving import errors


class Described(NinjaAPI):
    """An API whose description says how it refuses: the same for every operation."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the description, with problem details (RFC 9457) as the answer of every refusal."""
        found = super().get_openapi_schema(**options)
        for methods in found["paths"].values():
            for operation in methods.values():
                operation["responses"].setdefault("4XX", errors.DESCRIBED)
        return found


api = Described(
    title="creditmesh",
    version="1",
    urls_namespace="api",
    docs=Swagger(settings={"persistAuthorization": False}),
    docs_decorator=requires(Permission.SEE_API_DOCS),
)
errors.mount_on(api)
api.add_router("", authorisations)
api.add_router("", credit_reports)
api.add_router("", disclosure)
api.add_router("", grading)
api.add_router("", adjustments)
api.add_router("", improvements)
api.add_router("", institutions)
api.add_router("", oversight)
api.add_router("", records)
api.add_router("", own_rights)
api.add_router("", rights)
api.add_router("", supervision)
api.add_router("", ledger)

"""The one API: routers of the apps under /api/v1/, described at /api/v1/openapi.json."""

from ninja import NinjaAPI, Swagger

from creditmesh.apps.authorisations.api import router as authorisations
from creditmesh.apps.credit_reports.api import router as credit_reports
from creditmesh.apps.disclosure.api.looking_back import router as disclosure
from creditmesh.apps.grading.api import router as grading
from creditmesh.apps.institutions.api import router as institutions
from creditmesh.apps.oversight.api import router as oversight
from creditmesh.apps.parties.rules import Permission
from creditmesh.apps.records.api import router as records
from creditmesh.web.access import requires
from creditmesh.web.portals.operator.ledger_api import router as ledger
from creditmesh.web.serving import errors

api = NinjaAPI(
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
api.add_router("", institutions)
api.add_router("", oversight)
api.add_router("", records)
api.add_router("", ledger)

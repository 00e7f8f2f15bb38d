"""The addresses of all pages."""

from django.urls import URLPattern, path

from creditmesh.web.portals.collection import batches, catalogue, duty, quality, reviews, uploading
from creditmesh.web.portals.collection import home as department_home
from creditmesh.web.portals.enterprise.urls import urlpatterns as of_enterprises
from creditmesh.web.portals.frame import proving
from creditmesh.web.portals.institution.urls import urlpatterns as of_institutions
from creditmesh.web.portals.members import home as member_home
from creditmesh.web.portals.operator import (
    claims,
    consents,
    evidence,
    institutions,
    ledger,
    oversight,
    people,
)
from creditmesh.web.portals.operator import home as operator_home
from creditmesh.web.portals.public import account, checking, front, heads
from creditmesh.web.portals.regulator import enterprise, enterprises, evaluations, improving, runs, systems
from creditmesh.web.portals.regulator import home as regulator_home
from creditmesh.web.portals.regulator.beside import adjustments, devices
from creditmesh.web.portals.regulator.workshop.urls import urlpatterns as of_systems
from creditmesh.web.portals.reports import for_institutions as their_reports
from creditmesh.web.portals.reports import own as own_reports
from creditmesh.web.portals.reports import revoking
from creditmesh.web.portals.rights.urls import urlpatterns as of_rights
from creditmesh.web.portals.supervision.urls import urlpatterns as of_supervision

urlpatterns: list[URLPattern] = [
    path("", front.front, name="front"),
    path("home/", front.home, name="home"),
    path("account/", account.account, name="account"),
    path("account/keys/", account.keys, name="keys"),
    path("account/keys/revoke/", account.revoke, name="key-revoke"),
    path("member/", member_home.home, name="member-home"),
    path("department/", department_home.home, name="department-home"),
    path("batches/", batches.index, name="batches"),
    path("batches/new/", uploading.upload, name="upload"),
    path("batches/<uuid:uuid>/", batches.batch, name="batch"),
    path("batches/<uuid:uuid>/refused.csv", batches.refused, name="batch-refused"),
    path("quality/", quality.matrix, name="quality"),
    path("quality/<str:source>/<str:item>/", quality.trend, name="quality-trend"),
    path("catalogue/", catalogue.catalogue, name="catalogue"),
    path("catalogue/<str:code>/", catalogue.item, name="item"),
    path("catalogue/<str:code>/template.xlsx", catalogue.item_template, name="item-template"),
    path("reviews/", reviews.index, name="reviews"),
    path("reviews/<int:case>/", reviews.decide, name="review-decide"),
    path("duty/", duty.ask, name="duty-ask"),
    path("verify_proof.py", proving.verifier, name="proof-verifier"),
    path("operator/", operator_home.home, name="operator-home"),
    path("people/", people.index, name="organisations"),
    path("people/<str:code>/", people.organisation, name="organisation"),
    path("people/<str:code>/end/", people.end_membership, name="end-membership"),
    path("people/<str:code>/password/", people.new_password, name="new-password"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/state/", evidence.state, name="ledger-state"),
    path("ledger/verify/", evidence.verify, name="ledger-verify"),
    path("ledger/entries/<uuid:uuid>/", evidence.entry, name="ledger-entry"),
    path("ledger/entries/<uuid:uuid>/proof.json", evidence.proof, name="ledger-proof"),
    path("ledger/heads/", heads.index, name="ledger-heads"),
    path("ledger/heads.json", heads.as_json, name="ledger-heads-json"),
    path("ledger/consistency.json", heads.consistency, name="ledger-consistency"),
    path("institutions/", institutions.index, name="institutions"),
    path("institutions/<str:code>/", institutions.institution, name="institution"),
    path("institutions/<str:code>/suspend/", institutions.suspend, name="institution-suspend"),
    path(
        "institutions/<str:code>/programs/<str:client>/end/",
        institutions.end_program,
        name="institution-end-program",
    ),
    path(
        "institutions/<str:code>/keys/<uuid:uuid>/revoke/",
        institutions.revoke_key,
        name="institution-revoke-key",
    ),
    path("operator/claims/", claims.index, name="claims"),
    path("operator/claims/<uuid:uuid>/", claims.decide, name="claim-decide"),
    path("operator/persons/", consents.index, name="consents"),
    path("operator/persons/<uuid:uuid>/identify/", consents.identify, name="consent-identify"),
    path("oversight/", oversight.index, name="oversight"),
    path("oversight/<str:code>/", oversight.institution, name="oversight-institution"),
    path("oversight/<str:code>/export/", oversight.export, name="oversight-export"),
    path("oversight/<str:code>/resume/", oversight.resume, name="oversight-resume"),
    path("operator/evidence/<uuid:uuid>/", claims.file, name="claim-evidence"),
    path("regulator/", regulator_home.home, name="regulator-home"),
    path("enterprises/", enterprises.enterprises, name="enterprises"),
    path("enterprises/export/", enterprises.export, name="enterprises-export"),
    path("enterprises/<str:subject>/", enterprise.enterprise, name="enterprise"),
    path("enterprises/<str:subject>/improve/", improving.improve, name="enterprise-improve"),
    path("enterprises/<str:subject>/adjust/", adjustments.propose, name="adjust"),
    path("adjustments/", adjustments.index, name="adjustments"),
    path("adjustments/<uuid:uuid>/", adjustments.adjustment, name="adjustment"),
    path("adjustments/<uuid:uuid>/decide/", adjustments.decide, name="adjustment-decide"),
    path("adjustments/<uuid:uuid>/evidence/", adjustments.evidence, name="adjustment-evidence"),
    path("devices/", devices.index, name="devices"),
    path("runs/", runs.index, name="runs"),
    path("runs/<uuid:uuid>/", runs.run, name="run"),
    path("runs/<uuid:uuid>/abandon/", runs.abandon, name="run-abandon"),
    path("runs/<uuid:uuid>/replay/", runs.replay, name="run-replay"),
    path("systems/", systems.index, name="systems"),
    path("systems/<str:name>/", systems.system, name="system"),
    path("systems/<str:name>/card.md", systems.card_file, name="system-card"),
    path("evaluations/", evaluations.index, name="evaluations"),
    path("evaluations/<str:subject>/", evaluations.one, name="evaluation"),
    path("operator/reports/", revoking.index, name="reports-issued"),
    path("operator/reports/<str:serial>/revoke/", revoking.revoke, name="report-revoke"),
    path("check/", checking.check, name="check"),
    path("check/<str:serial>", checking.check, name="check-report"),
    path("check/<str:serial>/", checking.check),  # as some people end an address
    path("enterprise/reports/", own_reports.index, name="enterprise-reports"),
    path("enterprise/reports/<str:serial>/", own_reports.report, name="enterprise-report"),
    path("enterprise/reports/<str:serial>/report.pdf", own_reports.file, name="enterprise-report-file"),
    path("institution/reports/", their_reports.index, name="institution-reports"),
    path("institution/reports/<str:serial>/", their_reports.report, name="institution-report"),
    path("institution/reports/<str:serial>/report.pdf", their_reports.file, name="institution-report-file"),
    *of_enterprises,
    *of_institutions,
    *of_rights,
    *of_systems,
    *of_supervision,
]

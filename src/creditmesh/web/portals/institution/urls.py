"""The addresses of the institution portal."""

from django.urls import URLPattern, path

from creditmesh.web.portals.institution import (
    asking,
    authorisations,
    home,
    inquiries,
    limits,
    lists,
    notices,
    outcomes,
    programs,
    verifying,
)

urlpatterns: list[URLPattern] = [
    path("ask/", asking.ask, name="institution-ask"),
    path("ask/<uuid:authorisation>/", asking.ask_authorised, name="institution-ask-authorised"),
    path("verify/<uuid:authorisation>/", verifying.verify, name="institution-verify"),
    path("inquiries/", inquiries.index, name="institution-inquiries"),
    path("inquiries/<uuid:uuid>/", inquiries.inquiry, name="institution-inquiry"),
    path("inquiries/<uuid:uuid>/proof.json", inquiries.proof, name="institution-inquiry-proof"),
    path("lists/", lists.index, name="institution-lists"),
    path("lists/<uuid:uuid>/", lists.one_list, name="institution-list"),
    path("lists/<uuid:uuid>/answers.jsonl", lists.answers, name="institution-list-answers"),
    path("institution/", home.home, name="institution-home"),
    path("institution/programs/", programs.index, name="programs"),
    path("institution/programs/<str:client>/", programs.program, name="program"),
    path("institution/programs/<str:client>/renew/", programs.renew, name="program-renew"),
    path("institution/programs/<str:client>/end/", programs.end, name="program-end"),
    path("institution/keys/<uuid:uuid>/prove/", programs.prove, name="key-prove"),
    path("institution/keys/<uuid:uuid>/confirm/", programs.confirm, name="key-confirm"),
    path("institution/keys/<uuid:uuid>/revoke/", programs.revoke, name="key-end"),
    path("institution/notices/", notices.index, name="notices"),
    path("institution/notices/<uuid:uuid>/acknowledge/", notices.acknowledge, name="notice-acknowledge"),
    path("institution/notices/callback/", notices.callback, name="notices-callback"),
    path("institution/notices/again/", notices.send_again, name="notices-again"),
    path("institution/limits/", limits.limits, name="limits"),
    path("institution/authorisations/", authorisations.index, name="institution-authorisations"),
    path("institution/authorisations/ask/", authorisations.ask, name="institution-request-new"),
    path("institution/requests/<uuid:uuid>/", authorisations.asked, name="institution-request"),
    path(
        "institution/requests/<uuid:uuid>/cancel/", authorisations.cancel, name="institution-request-cancel"
    ),
    path("institution/authorisations/<uuid:uuid>/", authorisations.one, name="institution-authorisation"),
    path(
        "institution/authorisations/<uuid:uuid>/document.json",
        authorisations.document,
        name="institution-authorisation-document",
    ),
    path(
        "institution/authorisations/<uuid:uuid>/signature.jws",
        authorisations.signature,
        name="institution-authorisation-signature",
    ),
    path("institution/outcomes/", outcomes.index, name="outcomes"),
    path("institution/outcomes/upload/", outcomes.upload, name="outcomes-upload"),
    path("institution/outcomes/waiting.csv", outcomes.waiting, name="outcomes-waiting"),
    path("institution/outcomes/<uuid:uuid>/", outcomes.declare, name="outcome-declare"),
]

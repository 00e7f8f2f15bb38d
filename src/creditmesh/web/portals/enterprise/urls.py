"""The addresses of the enterprise portal."""

from django.urls import URLPattern, path

from creditmesh.web.portals.enterprise import (
    authorisation_giving,
    authorisation_keys,
    authorisations,
    home,
    improving,
    people,
    registering,
    who_asked,
)

urlpatterns: list[URLPattern] = [
    path("enterprise/", home.home, name="enterprise-home"),
    path("enterprise/evaluation/improve/", improving.improve, name="own-improve"),
    path("enterprise/people/", people.people, name="enterprise-people"),
    path("enterprise/people/<int:user>/end/", people.end, name="enterprise-person-end"),
    path("enterprise/invitations/<uuid:uuid>/void/", people.take_back, name="enterprise-invitation-void"),
    path("enterprise/who-asked/", who_asked.index, name="who-asked"),
    path("enterprise/who-asked/<uuid:uuid>/", who_asked.one, name="who-asked-one"),
    path("enterprise/who-asked/<uuid:uuid>/proof.json", who_asked.proof, name="who-asked-proof"),
    path("register/", registering.sign_up, name="register"),
    path("register/enterprise/", registering.claim, name="register-claim"),
    path("register/enterprise/<uuid:uuid>/file/", registering.attach, name="register-attach"),
    path("register/enterprise/<uuid:uuid>/hand-in/", registering.hand_in, name="register-hand-in"),
    path("register/enterprise/<uuid:uuid>/take-back/", registering.take_back, name="register-take-back"),
    path("register/files/<uuid:uuid>/remove/", registering.remove, name="register-remove"),
    path("register/join/", registering.join, name="register-join"),
    path("a/<str:token>/", authorisation_giving.link, name="authorisation-link"),
    path("c/<str:token>/", authorisation_keys.consent, name="personal-consent"),
    path("enterprise/authorisations/", authorisations.index, name="authorisations"),
    path("enterprise/authorisations/give/", authorisation_giving.give, name="authorisation-give"),
    path(
        "enterprise/authorisations/asked/<uuid:uuid>/",
        authorisation_giving.asked,
        name="authorisation-request",
    ),
    path(
        "enterprise/authorisations/asked/<uuid:uuid>/decline/",
        authorisation_giving.decline,
        name="authorisation-decline",
    ),
    path("enterprise/authorisations/<uuid:uuid>/", authorisations.one, name="authorisation"),
    path("enterprise/authorisations/<uuid:uuid>/sign/", authorisations.sign, name="authorisation-sign"),
    path("enterprise/authorisations/<uuid:uuid>/upload/", authorisations.upload, name="authorisation-upload"),
    path(
        "enterprise/authorisations/<uuid:uuid>/discard/", authorisations.discard, name="authorisation-discard"
    ),
    path(
        "enterprise/authorisations/<uuid:uuid>/withdraw/",
        authorisations.withdraw,
        name="authorisation-withdraw",
    ),
    path(
        "enterprise/authorisations/<uuid:uuid>/person/",
        authorisations.ask_person,
        name="authorisation-person",
    ),
    path(
        "enterprise/authorisations/<uuid:uuid>/document.json",
        authorisations.document,
        name="authorisation-document",
    ),
    path(
        "enterprise/authorisations/<uuid:uuid>/signature.jws",
        authorisations.signature,
        name="authorisation-signature",
    ),
    path("enterprise/keys/", authorisation_keys.keys, name="enterprise-keys"),
    path("enterprise/keys/<uuid:uuid>/prove/", authorisation_keys.prove, name="enterprise-key-prove"),
    path("enterprise/keys/<uuid:uuid>/revoke/", authorisation_keys.revoke, name="enterprise-key-revoke"),
]

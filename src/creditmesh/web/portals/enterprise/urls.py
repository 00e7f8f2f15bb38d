"""The addresses of the enterprise portal."""

from django.urls import URLPattern, path

from creditmesh.web.portals.enterprise import home, people, registering, who_asked

urlpatterns: list[URLPattern] = [
    path("enterprise/", home.home, name="enterprise-home"),
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
]

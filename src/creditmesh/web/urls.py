"""Every address of the node."""

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path

from creditmesh.web.api import api
from creditmesh.web.portals.public import tokens
from creditmesh.web.serving import draws_for_all, sign_in, told_to_all

# The names allauth links to, answered by nothing: no sign-up, and nothing that needs electronic mail.
CLOSED = {
    "signup/": "account_signup",
    "email/": "account_email",
    "confirm-email/": "account_email_verification_sent",
    "password/reset/": "account_reset_password",
    "password/set/": "account_set_password",
}

accounts: list[URLPattern | URLResolver] = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("2fa/", include("allauth.mfa.urls")),
    *(path(address, sign_in.closed, name=name) for address, name in CLOSED.items()),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", told_to_all.healthz, name="healthz"),
    path(".well-known/creditmesh/keys.json", told_to_all.keys, name="keys"),
    path("public/check-items.json", draws_for_all.check_items, name="public-check-items"),
    path("public/draws.json", draws_for_all.draws, name="public-draws-json"),
    path(
        "public/draws/<str:number>/announcement.json", draws_for_all.announcement, name="public-announcement"
    ),
    path("public/draws/<str:number>/draw.json", draws_for_all.draw_file, name="public-draw-file"),
    path("public/inspections.json", draws_for_all.results, name="public-inspections-json"),
    path("verify_draw.py", draws_for_all.verifier, name="draw-verifier"),
    path("oauth/token", tokens.token, name="oauth-token"),
    path("api/v1/", api.urls),
    path("accounts/", include(accounts)),
    path("language/", include("django.conf.urls.i18n")),
    path("", include("creditmesh.web.portals.urls")),
]

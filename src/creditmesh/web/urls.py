"""Every address of the node."""

from django.urls import URLPattern, URLResolver, include, path

from creditmesh.web import health
from creditmesh.web.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("api/v1/", api.urls),
    path("accounts/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
]

"""The addresses of the enterprise portal."""

from django.urls import URLPattern, path

from creditmesh.web.portals.enterprise import home, people

urlpatterns: list[URLPattern] = [
    path("enterprise/", home.home, name="enterprise-home"),
    path("enterprise/people/", people.people, name="enterprise-people"),
]

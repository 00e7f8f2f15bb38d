"""The addresses of the institution portal."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

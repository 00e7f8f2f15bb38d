"""The addresses of the enterprise portal."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

"""How Django knows the web part: templates, static files, translations and commands."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Name the app `web`."""

    name = "creditmesh.web"

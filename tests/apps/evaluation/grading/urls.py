"""The API alone, without the node's pages."""

from django.urls import path

from creditmesh.web.api import api

urlpatterns = [path("api/v1/", api.urls)]

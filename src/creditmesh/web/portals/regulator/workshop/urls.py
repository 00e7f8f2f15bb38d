"""The addresses of the workshop of index systems."""

from django.urls import URLPattern, path

from creditmesh.web.portals.regulator.workshop import deciding, drafting, editing, trying, workshop

urlpatterns: list[URLPattern] = [
    path("workshop/", workshop.home, name="workshop"),
    path("workshop/systems/<str:system>/", workshop.versions_of, name="workshop-system"),
    path("workshop/systems/<str:system>/copy/", drafting.copy, name="workshop-copy"),
    path("workshop/systems/<str:system>/roll-back/", deciding.roll_back, name="workshop-roll-back"),
    path("workshop/drafts/<uuid:uuid>/", editing.form, name="draft"),
    path("workshop/drafts/<uuid:uuid>/text/", editing.text, name="draft-text"),
    path("workshop/drafts/<uuid:uuid>/cases/", editing.cases, name="draft-cases"),
    path("workshop/drafts/<uuid:uuid>/changes/", drafting.changes, name="draft-changes"),
    path("workshop/drafts/<uuid:uuid>/discard/", drafting.discard, name="draft-discard"),
    path("workshop/drafts/<uuid:uuid>/simulate/", trying.simulate, name="draft-simulate"),
    path("workshop/drafts/<uuid:uuid>/backtest/", trying.backtest, name="draft-backtest"),
    path("workshop/drafts/<uuid:uuid>/propose/", deciding.propose, name="draft-propose"),
    path("workshop/versions/<uuid:uuid>/", deciding.version, name="version"),
    path("workshop/versions/<uuid:uuid>/decide/", deciding.decide, name="version-decide"),
    path("workshop/trials/<uuid:uuid>/", trying.trial, name="trial"),
]

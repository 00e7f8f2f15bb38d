"""The addresses of the pages about rights."""

from django.urls import URLPattern, path

from creditmesh.web.portals.rights import answering, explanation, handling, own_cases, record

urlpatterns: list[URLPattern] = [
    path("enterprise/record/", record.record, name="own-record"),
    path("enterprise/record/<str:item>/<str:ref>/object/", own_cases.contest, name="own-contest"),
    path("enterprise/record/<str:item>/<str:ref>/repair/", own_cases.repair, name="own-ask-repair"),
    path("enterprise/cases/", own_cases.index, name="own-cases"),
    path("enterprise/cases/objections/<uuid:uuid>/", own_cases.objection, name="own-objection"),
    path("enterprise/cases/objections/<uuid:uuid>/act/", own_cases.act, name="own-objection-act"),
    path("enterprise/cases/repairs/<uuid:uuid>/", own_cases.own_repair, name="own-repair"),
    path("enterprise/cases/repairs/<uuid:uuid>/act/", own_cases.act_on_repair, name="own-repair-act"),
    path("enterprise/cases/questions/<uuid:uuid>/", own_cases.own_appeal, name="own-appeal"),
    path("enterprise/evaluation/", explanation.explanation, name="own-evaluation"),
    path("enterprise/evaluation/ask/", explanation.ask, name="own-evaluation-ask"),
    path("case-files/<uuid:uuid>/", own_cases.file, name="case-file"),
    path("cases/", handling.index, name="case-queue"),
    path("cases/objections/<uuid:uuid>/", handling.objection, name="handle-objection"),
    path("cases/objections/<uuid:uuid>/act/", handling.act, name="handle-objection-act"),
    path("cases/repairs/<uuid:uuid>/", handling.repair, name="handle-repair"),
    path("cases/questions/<uuid:uuid>/", handling.appeal, name="handle-appeal"),
    path("duty/news/", answering.news, name="duty-news"),
    path("duty/news/<uuid:uuid>/read/", answering.read, name="duty-news-read"),
    path("objections/", answering.index, name="answer-queue"),
    path("objections/<uuid:uuid>/", answering.answer, name="answer-objection"),
]

"""The addresses of the pages of supervision."""

from django.urls import URLPattern, path

from creditmesh.web.portals.supervision import draws, home, lists, own, plans, public, results, tasks, visits

urlpatterns: list[URLPattern] = [
    path("supervision/", home.home, name="supervision"),
    path("supervision/items/", lists.items, name="supervision-items"),
    path("supervision/inspectors/", lists.inspectors, name="supervision-inspectors"),
    path("supervision/inspectors/<str:code>/", lists.inspector, name="supervision-inspector"),
    path("supervision/objects/", lists.objects, name="supervision-objects"),
    path("supervision/objects/mark/", lists.mark, name="supervision-mark"),
    path("supervision/plans/", plans.index, name="supervision-plans"),
    path("supervision/plans/<uuid:uuid>/", plans.plan, name="supervision-plan"),
    path("supervision/plans/<uuid:uuid>/step/", plans.step, name="supervision-plan-step"),
    path("supervision/plans/<uuid:uuid>/task/", tasks.new, name="supervision-task-new"),
    path("supervision/tasks/", tasks.index, name="supervision-tasks"),
    path("supervision/tasks/<uuid:uuid>/", tasks.task, name="supervision-task"),
    path("supervision/tasks/<uuid:uuid>/commit/", draws.commit, name="supervision-commit"),
    path("supervision/tasks/<uuid:uuid>/draw/", draws.draw, name="supervision-draw"),
    path("supervision/tasks/<uuid:uuid>/step/", draws.step, name="supervision-task-step"),
    path("supervision/tasks/<uuid:uuid>/check/", draws.check, name="supervision-check"),
    path("supervision/tasks/<uuid:uuid>/openings.json", draws.openings, name="supervision-openings"),
    path("supervision/visits/<uuid:uuid>/", visits.visit, name="supervision-visit"),
    path("supervision/visits/<uuid:uuid>/step/", visits.step, name="supervision-visit-step"),
    path("supervision/recusals/", visits.recusals, name="supervision-recusals"),
    path("supervision/recusals/<uuid:uuid>/", visits.decide, name="supervision-recusal"),
    path("supervision/results/", results.index, name="supervision-results"),
    path("supervision/results/<uuid:uuid>/step/", results.step, name="supervision-result-step"),
    path("supervision/follow-ups/<uuid:uuid>/", results.settle, name="supervision-follow-up"),
    path("visits/", own.index, name="own-visits"),
    path("visits/interests/", own.declare, name="own-interests"),
    path("visits/<uuid:uuid>/", own.visit, name="own-visit"),
    path("visits/<uuid:uuid>/recusal/", own.recusal, name="own-recusal"),
    path("public/draws/", public.draws, name="public-draws"),
    path("public/draws/<str:number>/", public.draw, name="public-draw"),
    path("public/check-draw/", public.check, name="public-check-draw"),
    path("public/inspections/", public.results, name="public-inspections"),
    path("public/check-items/", public.items, name="public-items"),
]

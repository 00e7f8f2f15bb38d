"""Every page for every role, in both languages, on a desk and on a telephone."""

import re

import pytest
from tests.browser.conftest import AXE, keep_picture, overflow, settle, unfit

ACCOUNT = ("/account/", "/account/keys/", "/accounts/password/change/", "/accounts/2fa/")
OPERATING = (
    "/operator/",
    "/batches/",
    "/batches/{batch}/",
    "/quality/",
    "/quality/{source}/{item}/",
    "/catalogue/",
    "/catalogue/{item}/",
    "/ledger/",
    "/systems/",
)
PAGES: dict[str, tuple[str, ...]] = {
    "": (
        "/",
        "/accounts/login/",
        "/register/",
        "/ledger/heads/",
        "/check/",
        "/public/draws/",
        "/public/draws/?q=nothing-like-it",
        "/public/draws/{draw}/",
        "/public/draws/{announced_draw}/",
        "/public/check-draw/",
        "/public/inspections/",
        "/public/check-items/",
    ),
    "regulator": (
        "/regulator/",
        "/regulator/?figures=shares",
        "/enterprises/",
        "/enterprises/?q=公司&grade=A",
        "/enterprises/?q=nobody",
        "/enterprises/{worst}/?system=general",
        "/enterprises/{worst}/improve/?system=general",
        "/runs/",
        "/runs/{run}/",
        "/systems/",
        "/systems/general/",
        "/evaluations/",
        "/adjustments/",
        "/enterprises/{worst}/adjust/?system=general",
        "/devices/",
        "/supervision/",
        *ACCOUNT,
    ),
    "editor": (
        "/workshop/",
        "/workshop/systems/general/",
        "/workshop/drafts/{draft}/",
        "/workshop/drafts/{draft}/?section=group-0",
        "/workshop/drafts/{draft}/?section=rules",
        "/workshop/drafts/{draft}/text/",
        "/workshop/drafts/{draft}/cases/",
        "/workshop/drafts/{draft}/changes/",
        "/workshop/drafts/{draft}/backtest/",
        "/workshop/drafts/{draft}/propose/",
        "/workshop/trials/{simulation}/",
        "/workshop/trials/{backtest}/",
    ),
    "approver": ("/workshop/", "/workshop/versions/{version}/"),
    "planner": (
        "/supervision/",
        "/supervision/items/",
        "/supervision/inspectors/",
        "/supervision/objects/",
        "/supervision/plans/",
        "/supervision/plans/{plan}/",
        "/supervision/plans/{plan}/task/",
        "/supervision/tasks/",
        "/supervision/tasks/?state=abandoned",
        "/supervision/tasks/{task}/",
        "/supervision/tasks/{announced}/draw/",
        "/supervision/tasks/{drafted}/",
        "/supervision/tasks/{drafted}/commit/",
        "/supervision/visits/{visit}/",
        "/supervision/results/",
    ),
    "head": ("/supervision/recusals/", "/supervision/visits/{own_visit}/"),
    "inspector": ("/visits/", "/visits/?show=done", "/visits/{own_visit}/", "/visits/{visit}/"),
    "operator": (
        *OPERATING,
        "/batches/new/",
        "/reviews/",
        "/reviews/?state=tied",
        "/people/",
        "/people/MARKET/",
        "/runs/",
        "/ledger/?act=batch.receive",
        "/ledger/state/",
        "/catalogue/?q=zzz",
        "/institutions/",
        "/institutions/BANK/",
        "/operator/claims/",
        "/operator/claims/?show=decided",
        "/oversight/",
        "/oversight/BANK/",
        "/operator/reports/",
        "/operator/persons/",
        "/cases/",
        "/cases/objections/{objection}/",
    ),
    "auditor": (*OPERATING, "/oversight/", "/supervision/tasks/{task}/check/"),
    "officer": (
        "/department/",
        "/batches/",
        "/batches/new/",
        "/quality/",
        "/catalogue/",
        "/duty/",
        "/duty/news/",
        "/objections/",
    ),
    "banker": (
        "/institution/",
        "/ask/",
        "/ask/{authorisation}/",
        "/verify/{authorisation}/",
        "/inquiries/",
        "/inquiries/{inquiry}/",
        "/lists/",
        "/institution/authorisations/",
        "/institution/authorisations/{authorisation}/",
        "/institution/authorisations/ask/",
        "/institution/authorisations/ask/?purpose=pre-loan",
        "/institution/requests/{request}/",
        "/institution/outcomes/",
        "/institution/reports/",
        "/institution/notices/",
        "/institution/programs/",
        "/institution/limits/",
        "/catalogue/",
    ),
    "guarantor": ("/institution/", "/inquiries/"),
    "insurer": ("/institution/", "/inquiries/"),
    "owner": (
        "/enterprise/",
        "/enterprise/authorisations/",
        "/enterprise/authorisations/{authorisation}/",
        "/enterprise/authorisations/{authorisation}/withdraw/",
        "/enterprise/authorisations/asked/{request}/",
        "/enterprise/authorisations/give/",
        "/enterprise/keys/",
        "/enterprise/who-asked/",
        "/enterprise/who-asked/{inquiry}/",
        "/enterprise/record/",
        "/enterprise/record/?item=PEN-01",
        "/enterprise/record/?q=nothing-like-it",
        "/enterprise/cases/",
        "/enterprise/cases/objections/{objection}/",
        "/enterprise/evaluation/",
        "/enterprise/evaluation/improve/",
        "/enterprise/reports/",
        "/enterprise/people/",
    ),
    "enterprise": ("/enterprise/", "/enterprise/record/", "/enterprise/who-asked/", "/account/"),
}
AXED = {("zh-hans", 1280), ("en", 390)}
# Their pages are walked in the other language and width by test_the_one_door.
WALKED = {"owner", "enterprise", "banker", "guarantor", "insurer"}
# What fits in both languages and in both widths once hardly ever fails in the other two pairings.
LOOKS = [
    pytest.param(username, language, width, marks=() if (language, width) in AXED else pytest.mark.slow)
    for username in PAGES
    for language in ("zh-hans", "en")
    for width in (1280, 390)
    if username not in WALKED or (language, width) in AXED
]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


# Of several who open a page the first shows how it fits a telephone.
FIRST = {template: username for username, templates in reversed(PAGES.items()) for template in templates}


@pytest.mark.parametrize(
    ("username", "language", "width"), LOOKS, ids=lambda one: str(one) if one else "anonymous"
)
def test_a_page_is_whole(node, opened, username, language, width):
    page = opened(username, language=language, width=width)
    troubles = {}
    for template in PAGES[username]:
        if (language, width) == ("en", 390) and FIRST[template] != username:
            continue
        page.troubles.clear()
        answer = page.goto(node.path(template))
        settle(page)
        found = list(page.troubles)
        if answer.status != 200:
            found.append(f"status {answer.status}")
        if overflow(page) > 0:
            found.append(f"{overflow(page)} pixels too wide")
        if "虚构示例数据" not in page.inner_text("body"):
            found.append("does not say that the data is made up")
        if page.get_attribute("html", "lang") != {"zh-hans": "zh-Hans", "en": "en"}[language]:
            found.append("is in the wrong language")
        # What fits in one language fits in the other: names and roles of elements are the same.
        if AXE.exists() and (language, width) in AXED:
            found += unfit(page)
        name = re.sub(r"[^a-z0-9]+", "-", template.lower()).strip("-") or "front"
        keep_picture(page, language=language, width=width, name=f"{username or 'anonymous'}-{name}")
        if found:
            troubles[template] = found
    assert troubles == {}


@pytest.mark.parametrize(
    ("address", "status"),
    [("/no/such/page/", 404), ("/enterprises/", 403), ("/check/CR-2026-0000-0000-0000-0000-P", 404)],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_refusal_is_a_page_too(node, opened, language, address, status):
    page = opened("officer", language=language, width=390)
    answer = page.goto(node.address + address)
    assert answer.status == status
    assert bool(CHINESE.search(page.inner_text("main h1"))) is (language == "zh-hans")
    assert overflow(page) == 0
    assert unfit(page) == []


def test_a_figure_that_comes_later_is_drawn_like_the_others(node, opened):
    page = opened("regulator")
    page.goto(node.address + "/regulator/")
    drawn = "document.querySelectorAll('.chart-canvas canvas').length"
    page.wait_for_function(f"{drawn} > 0")
    number = page.evaluate(drawn)
    page.evaluate("htmx.ajax('GET', '/regulator/', {target: '#main', select: '#main', swap: 'outerHTML'})")
    page.wait_for_function("!document.querySelector('.htmx-request')")
    page.wait_for_function(f"{drawn} === {number}")
    assert page.troubles == []


@pytest.mark.parametrize(("username", "leads"), [("regulator", True), ("editor", False)])
def test_an_enterprise_leads_to_runs_those_who_may_see_them(node, opened, username, leads):
    page = opened(username)
    page.goto(node.path("/enterprises/{worst}/?system=general"))
    assert (page.locator("main a[href^='/runs/']").count() > 0) is leads

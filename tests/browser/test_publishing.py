"""From a copy to an approved version, as the two people who do it see it."""

import re
from datetime import date, timedelta

MOST = 120_000  # milliseconds for a simulation by the worker on a busy machine


def test_a_system_is_copied_changed_tried_proposed_and_approved(node, opened):
    page = opened("editor")
    page.goto(node.address + "/workshop/systems/general/")
    page.click(".page-head .actions button")
    page.wait_for_url("**/workshop/drafts/*/")
    draft = page.url

    _is_refused_with_line_and_suggestion(page, draft)
    _sees_the_effect_before_saving(page, draft)
    _saves(page, f"{draft}?section=head", {"version": "2026.9"})
    _saves(page, f"{draft}?section=grades", {"grades/0/up_to": "80", "grades/2/up_to": "300"})

    page.click(".page-head .actions form button")
    page.wait_for_url("**/workshop/trials/*/")
    page.wait_for_selector("#progress table", timeout=MOST)
    page.goto(draft + "propose/")
    page.fill("[name=starts]", (date.today() + timedelta(days=30)).isoformat())  # noqa: DTZ011 - as the node's
    page.fill("[name=why]", "试算后收紧分级界限")
    page.click("form.form-narrow .btn-primary")
    page.wait_for_url("**/workshop/versions/*/")
    assert page.locator("button[value=approve]").count() == 0
    assert page.troubles == []

    other = opened("approver")
    other.goto(page.url)
    other.click("button[value=approve]")
    other.wait_for_selector(".notice.good, .messages, [role=status]")
    assert "approved, not yet valid" in other.inner_text(".page-head")


def _is_refused_with_line_and_suggestion(page, draft):
    page.goto(f"{draft}?section=group-0")
    first = page.locator("details.block", has=page.locator("[name$='bands/0/up_to']")).first
    if first.get_attribute("open") is None:
        first.locator("summary").click()
    first.locator("[name$='bands/0/up_to']").fill("999999")
    page.wait_for_selector("#findings .notice.bad")
    told = page.inner_text("#findings")
    assert "general.yml:" in told
    assert "999999" in told


def _sees_the_effect_before_saving(page, draft):
    page.goto(f"{draft}?section=grades")
    page.fill("[name='grades/0/up_to']", "40")
    page.locator("#findings", has_text="not saved yet").locator("table").first.wait_for(timeout=MOST)
    assert re.search(r"\d+ to a worse grade", page.inner_text("#findings"))


def _saves(page, address, values):
    page.goto(address)
    for name, value in values.items():
        page.fill(f"[name='{name}']", value)
    page.click(".sticky-actions [value=save]")
    page.wait_for_load_state("load")
    for name, value in values.items():
        assert page.input_value(f"[name='{name}']") == value

"""What people come for, by keyboard, with scripts and without."""

import pytest
from tests.browser.conftest import sign_in


class TestAKeyboardUser:
    def test_skips_to_the_content_first(self, node, opened):
        page = opened("regulator")
        page.goto(node.address + "/regulator/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip-link"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"

    def test_sees_where_the_focus_is(self, node, opened):
        page = opened("officer")
        page.goto(node.address + "/department/")
        for _ in range(12):
            page.keyboard.press("Tab")
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", page.evaluate("document.activeElement.outerHTML")

    @pytest.mark.parametrize("address", ["/enterprises/", "/batches/", "/runs/"])
    def test_keeps_the_place_when_a_list_is_loaded_anew(self, node, opened, address):
        page = opened("regulator" if address == "/enterprises/" else "operator")
        page.goto(node.address + address)
        part = "#runs" if address == "/runs/" else "#results"
        page.locator(f"{part} tbody th a").first.focus()
        there = page.evaluate("document.activeElement.getAttribute('href')")
        page.evaluate(
            "([address, part]) => htmx.ajax('GET', address, {target: part, swap: 'outerHTML'})",
            [address, part],
        )
        page.wait_for_function("!document.querySelector('.htmx-request')")
        assert page.evaluate("document.activeElement.getAttribute('href')") == there

    def test_finds_an_enterprise_and_reads_why(self, node, opened):
        page = opened("regulator")
        page.goto(node.address + "/enterprises/")
        page.focus("#q")
        page.keyboard.type(node.known["worst"][:12])
        page.keyboard.press("Enter")
        link = page.locator(f"#results a[href*='{node.known['worst']}']").first
        link.wait_for()
        link.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/enterprises/{node.known['worst']}/**")
        evidence = page.locator("#records summary").first
        evidence.focus()
        page.keyboard.press("Enter")
        assert page.locator("#records details").first.get_attribute("open") is not None


class TestWithoutScripts:
    def test_an_officer_signs_in_sends_a_file_and_finds_it(self, node, opened, tmp_path):
        page = opened(scripts=False)
        sign_in(page, node, "officer")
        page.goto(node.address + "/batches/new/?item=PEN-01")
        file = tmp_path / "broken-delivery.csv"
        file.write_text("no,such,columns\n1,2,3\n", encoding="utf-8")
        page.select_option("[name=item]", "PEN-01")
        page.set_input_files("[name=file]", str(file))
        page.click("main form button:not([hidden])")
        page.wait_for_url("**/batches/*-*/**")
        assert "broken-delivery.csv" in page.inner_text("h1")
        page.goto(node.address + "/batches/?q=broken-delivery&item=PEN-01")
        assert page.locator("#results tbody tr").count() == 1

    def test_a_regulator_reads_the_figures_as_tables(self, node, opened):
        page = opened("regulator", scripts=False)
        page.goto(node.address + "/regulator/")
        assert page.locator("figure#chart-grades table").is_visible()
        assert page.locator("figure#chart-grades svg.bars rect").count() > 0
        page.goto(node.path("/enterprises/?grade={grade}"))
        letters = set(page.locator("#results .grade-letter").all_inner_texts())
        assert letters == {node.known["grade"]}

    def test_the_language_changes_and_the_page_stays(self, node, opened):
        page = opened("regulator", language="zh-hans", scripts=False)
        page.goto(node.address + "/enterprises/?grade=A")
        page.click("button[value=en]")
        assert page.url.endswith("/enterprises/?grade=A")
        assert page.inner_text("h1") == "Enterprises"


class TestWithScripts:
    def test_figures_are_drawn_and_their_numbers_fold_away(self, node, opened):
        page = opened("regulator")
        page.goto(node.address + "/regulator/")
        page.wait_for_selector("figure#chart-grades canvas")
        assert page.locator("figure#chart-grades table").is_hidden()
        page.click("figure#chart-grades summary")
        assert page.locator("figure#chart-grades table").is_visible()

    def test_a_filter_changes_the_list_and_the_address_only(self, node, opened):
        page = opened("regulator")
        page.goto(node.address + "/enterprises/")
        page.evaluate("window.stayed = true")
        with page.expect_response(lambda answer: "grade=A" in answer.url):
            page.select_option("#grade", "A")
        page.wait_for_url("**grade=A**")
        assert page.evaluate("window.stayed") is True

    def test_a_sent_file_shows_its_receipt_when_it_is_ready(self, node, opened, tmp_path):
        page = opened("officer")
        page.goto(node.address + "/batches/new/")
        file = tmp_path / "unreadable-columns.csv"
        file.write_text("other,wrong,columns\n1,2,3\n", encoding="utf-8")
        page.select_option("[name=item]", "PEN-01")
        page.set_input_files("[name=file]", str(file))
        page.click("#upload-form button")
        page.wait_for_url("**/batches/*-*/**")
        page.wait_for_selector("#receipt .tag.bad", timeout=60_000)
        assert page.troubles == []


@pytest.mark.parametrize("name", ["operator", "regulator"])
def test_wrong_passwords_lock_and_say_so(node, opened, name):
    page = opened()
    for _ in range(2):
        page.goto(node.address + "/accounts/login/")
        page.fill("[name=login]", f"nobody-{name}")
        page.fill("[name=password]", "wrong")
        page.click("main button[type=submit]")
        page.wait_for_selector(".notice.bad")
    assert page.inner_text(".notice.bad")

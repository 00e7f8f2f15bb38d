"""A stranger's browser computes a draw again, step for step as verify_draw.py does, and sees what was tampered with."""

import copy
import json
import urllib.request

import pytest
from tests.browser.conftest import overflow, unfit

from creditmesh.drawing.standalone import verify_draw

KINDS = {"tag good": "right", "tag bad": "wrong", "tag outline": "open"}


@pytest.fixture(scope="module")
def file(node):
    with urllib.request.urlopen(node.path("/public/draws/{draw}/draw.json")) as got:  # noqa: S310
        return json.loads(got.read())


def verdict(page):
    """Wait until the page has computed everything, and return its lines: kind and words."""
    page.locator("[data-verdict][class*=good], [data-verdict][class*=bad]").wait_for()
    lines = page.eval_on_selector_all(
        "[data-steps] li",
        "all => all.map(one => [one.children[0].className, one.children[1].textContent.trim()])",
    )
    return [(KINDS[mark], words) for mark, words in lines]


def by_python(file, *, announced=""):
    return [(kind, english) for kind, _, english in verify_draw.check(file, announced).lines]


def brought(page, node, file, *, announced=""):
    """Return the lines of the page for a file somebody brings."""
    page.goto(node.path("/public/check-draw/"))
    content = json.dumps(file, ensure_ascii=False).encode()
    page.set_input_files(
        "#draw-file", {"name": "draw.json", "mimeType": "application/json", "buffer": content}
    )
    page.fill("#draw-digest", announced)
    page.click("#draw-check form button")
    return verdict(page)


class TestAPublishedDraw:
    def test_is_computed_again_in_the_browser_as_by_the_script(self, node, opened, file):
        page = opened(width=390)
        page.goto(node.path("/public/draws/{draw}/"))
        page.fill("#draw-digest", file["announcement_sha256"])
        page.click("#draw-check form button")
        found = verdict(page)
        assert found == by_python(file, announced=file["announcement_sha256"])
        assert {kind for kind, _ in found} == {"right", "open"}
        assert "The draw holds." in page.inner_text("[data-verdict]")
        assert page.troubles == []
        assert overflow(page) == 0
        assert unfit(page) == []

    def test_says_without_scripts_how_to_check_it(self, node, opened):
        page = opened(scripts=False)
        page.goto(node.path("/public/draws/{draw}/"))
        assert "python verify_draw.py draw.json --announcement" in page.inner_text("main")
        assert not page.is_visible("#draw-check form")


def _drawn_another(file):
    spare = file["reserves"].pop(0)
    file["drawn"][0][1] = spare[1]


def _team_swapped(file):
    team = next(one for one in file["teams"] if one[2])
    team[2][0][0] = next(
        one[0] for one in file["inspectors"] if one[0] not in {member[0] for member in team[2]}
    )


TAMPERINGS = {
    "drawn": _drawn_another,
    "team": _team_swapped,
    "public value": lambda file: file["public"].update(value="3312.59"),
    "secret": lambda file: file.update(secret="00" * 32),
    "grade": lambda file: file["objects"][0].__setitem__(1, "D"),
    "excluded": lambda file: file["objects"][3].__setitem__(4, "cool_down"),
    "ratio": lambda file: file["announcement"]["grades"][-1].__setitem__(1, 1),
    "budget": lambda file: file["announcement"].update(budget=7, control=1),
    "replacement": lambda file: file["replacements"].append([file["drawn"][0][1], "nobody", "moved", ""]),
    "one officer": lambda file: file["announcement"]["needs"][0].__setitem__(1, 1),
}


class TestATamperedDraw:
    @pytest.mark.parametrize("name", TAMPERINGS)
    def test_does_not_hold_and_the_page_says_where(self, node, opened, file, name):
        tampered = copy.deepcopy(file)
        TAMPERINGS[name](tampered)
        page = opened()
        found = brought(page, node, tampered, announced=file["announcement_sha256"])
        assert found == by_python(tampered, announced=file["announcement_sha256"])
        assert "wrong" in {kind for kind, _ in found}
        assert "NOT" in page.inner_text("[data-verdict]")

    @pytest.mark.parametrize("content", [{}, {"format": "creditmesh-draw-file/1"}, [], "no draw"])
    def test_of_another_shape_is_refused_in_words(self, node, opened, content):
        page = opened()
        found = brought(page, node, content)
        assert found[-1][0] == "wrong"
        assert page.troubles == []

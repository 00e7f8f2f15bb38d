"""Every text of the pages has its Chinese words, with the same blanks to fill."""

import re

import pytest
from tests.web import messages

BLANK = re.compile(r"%\((\w+)\)[sd]")
EVERY = sorted(
    {
        (str(path.relative_to(messages.WEB)), text)
        for path, text in [*messages.in_code(), *messages.in_templates()]
    },
    key=str,
)


def words(text: messages.Message) -> str:
    """Return the Chinese words of a text, nothing when there are none."""
    one = text[0] if isinstance(text, tuple) else text
    found = messages.chinese().get(one)
    if found is None or found.fuzzy:
        return ""
    return found.string[0] if isinstance(found.string, list | tuple) else found.string


class TestEveryText:
    def test_has_chinese_words(self):
        chinese = {
            one.id[0] if isinstance(one.id, list | tuple) else one.id: one
            for one in messages.chinese()
            if one.id
        }
        missing = [
            (where, text)
            for where, text in EVERY
            if not _told(chinese, text[0] if isinstance(text, tuple) else text)
        ]
        assert missing == []

    def test_keeps_the_blanks_of_the_english(self):
        wrong = []
        for one in messages.chinese():
            if not one.id:
                continue
            english = one.id[0] if isinstance(one.id, list | tuple) else one.id
            told = one.string[0] if isinstance(one.string, list | tuple) else one.string
            if set(BLANK.findall(english)) != set(BLANK.findall(told)):
                wrong.append(english)
        assert wrong == []

    def test_is_still_used_when_it_has_words(self):
        used = {text[0] if isinstance(text, tuple) else text for _, text in EVERY}
        kept = {
            one.id[0] if isinstance(one.id, list | tuple) else one.id for one in messages.chinese() if one.id
        }
        assert kept - used == set()


def _told(chinese, english):
    found = chinese.get(english)
    if found is None:
        return False
    return bool(found.string[0] if isinstance(found.string, list | tuple) else found.string)


@pytest.mark.parametrize("english", ["Sign in", "Enterprises", "Skip to the content"])
def test_a_chinese_page_speaks_chinese(english):
    assert re.search(r"[\u4e00-\u9fff]", words(english))

"""How a band of amounts is told: as people say it, exact at its ends."""

import pytest
from django.utils import translation

from creditmesh.catalogue.model import Kind
from creditmesh.web.templatetags.answers import _band


class TestABand:
    @pytest.mark.parametrize(
        ("low", "high", "zh", "en"),
        [
            (100_000_001, 500_000_000, "100万元 至 500万元", "CNY 1,000,000 to CNY 5,000,000"),
            (0, 999_900, "0元 至 9,999元", "CNY 0 to CNY 9,999"),
            (123_456_700, None, "1,234,567元 以上", "from CNY 1,234,567"),
        ],
    )
    def test_says_its_limits_without_noughts_and_without_rounding(self, low, high, zh, en):
        for language, told in (("zh-hans", zh), ("en", en)):
            with translation.override(language):
                assert _band({"from": low, "to": high}, Kind.MONEY) == told

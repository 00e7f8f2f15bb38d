"""Amounts as the register and the departments write them."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditmesh.kernel import money
from creditmesh.kernel.money import ForeignCurrency, Money, UnreadableAmount

# The patterns of the capital column of a national sample of registrations, digits replaced.
IN_THE_REGISTER = {
    "10(万元人民币)": Money(10_000_000),
    "1,178.3792(万元)": Money(1_178_379_200),
    "27,850.0875(万)": Money(27_850_087_500),
    "554万人民币": Money(554_000_000),
    "1792.5万元人民币": Money(1_792_500_000),
    "183.8000(万人民币元)": Money(183_800_000),
    "429(万美元)": Money(429_000_000, "USD"),
    "0（万元）": Money(0),
    "26万元": Money(26_000_000),
    "100(万元(人民币))": Money(100_000_000),
    "30万人民币元": Money(30_000_000),
    "5,200(万香港元)": Money(5_200_000_000, "HKD"),
    "500(万港币)": Money(500_000_000, "HKD"),
    "400(万人民币 )": Money(400_000_000),
    "450(万美元 )": Money(450_000_000, "USD"),
    "385(万港币 )": Money(385_000_000, "HKD"),
    "45(万德国马克 )": Money(45_000_000, "DEM"),
    "296( 万人民币元)": Money(296_000_000),
    "6,000,000(人民币元)": Money(600_000_000),
    "297.346828万美元": Money(297_346_828, "USD"),
    "270万港币": Money(270_000_000, "HKD"),
    "180(万港元)": Money(180_000_000, "HKD"),
    "300,000(万日元)": Money(300_000_000_000, "JPY"),
    "65万": Money(65_000_000),
    "72(万元(港币))": Money(72_000_000, "HKD"),
    "528.9491(万欧元)": Money(528_949_100, "EUR"),
    "20万欧元": Money(20_000_000, "EUR"),
    "6,000(万元美元)": Money(6_000_000_000, "USD"),
    "0万港元": Money(0, "HKD"),
    "616(万元(美元))": Money(616_000_000, "USD"),
    "20(万元（人民币）)": Money(20_000_000),
    "18.2人民币元": Money(1_820),
    "66(万英镑)": Money(66_000_000, "GBP"),
    "90万英镑": Money(90_000_000, "GBP"),
    "550(万新加坡元)": Money(550_000_000, "SGD"),
    "1,260(万元港元)": Money(1_260_000_000, "HKD"),
    "200((万美元))": Money(200_000_000, "USD"),
    "14(万澳大利亚元)": Money(14_000_000, "AUD"),
    "3(万加拿大元)": Money(3_000_000, "CAD"),
    "2,000(万加元)": Money(2_000_000_000, "CAD"),
    "3元人民币": Money(300),
    "2,800(万元(日元))": Money(2_800_000_000, "JPY"),
    "70,000(万元日元)": Money(70_000_000_000, "JPY"),
    "1800万日元": Money(1_800_000_000, "JPY"),
    "3,350(万丹麦克郎)": Money(3_350_000_000, "DKK"),
    "0( 万元人民币元)": Money(0),
    "40(万元香港元)": Money(40_000_000, "HKD"),
    "14.5000(万元欧元)": Money(14_500_000, "EUR"),
    "288(万瑞士法郎)": Money(288_000_000, "CHF"),
    "120(万法国法郎)": Money(120_000_000, "FRF"),
}
NO_AMOUNT = ["N/A", "-", "", "万人民币", "Philippe", "梁祝贵", "CHI YEE GAVIN）", "壹佰万元整"]


class TestTheSpellingsOfTheRegister:
    @pytest.mark.parametrize(("text", "amount"), IN_THE_REGISTER.items())
    def test_are_read(self, text, amount):
        assert money.read(text) == amount

    @pytest.mark.parametrize("text", ["70()", "70", "70.0000", "￥70", "70人民币", "RMB70"])
    def test_leave_a_bare_number_to_the_unit_of_the_column(self, text):
        if "人民币" in text:
            assert money.parse(text, unit="万元") == 7_000
        else:
            assert money.parse(text, unit="万元") == 70_000_000
            assert money.parse(text) == 7_000

    @pytest.mark.parametrize("text", NO_AMOUNT)
    def test_that_hold_no_amount_are_refused(self, text):
        with pytest.raises(UnreadableAmount, match="holds no number"):
            money.read(text)


class TestReading:
    @pytest.mark.parametrize(
        ("text", "fen"),
        [
            ("1,234.5", 123_450),
            ("１，２３４．５", 123_450),
            ("100万元", 100_000_000),
            ("3亿元", 30_000_000_000),
            ("1.5千万", 1_500_000_000),
            ("12角", 120),
            ("7分", 7),
            ("-12.30", -1_230),
            ("－12.30元", -1_230),
            ("+5", 500),
            (" 5 000 元整", 500_000),
            ("¥1,000.00元", 100_000),
            ("人民币100万元", 100_000_000),
            ("0.00", 0),
        ],
    )
    def test_takes(self, text, fen):
        assert money.parse(text) == fen

    def test_reads_a_bare_number_in_a_column_of_another_currency(self):
        assert money.read("5", unit="万美元") == Money(5_000_000, "USD")
        assert money.read("$5", unit="万元") == Money(5_000_000, "USD")

    def test_calls_a_column_with_an_unknown_unit_a_fault_of_the_program(self):
        with pytest.raises(ValueError, match="no unit of money"):
            money.read("5", unit="kg")

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("1,23", "two ways"),
            ("1234,567", "two ways"),
            ("3,0000000(万)", "two ways"),
            (".5", "two ways"),
            ("100-200万元", "more than one number"),
            ("1.2.3", "more than one number"),
            ("1亿2000万元", "more than one number"),
            ("(1,234.50)", "negative"),
            ("约100万元", "unit"),
            ("100元以上", "unit"),
            ("100kg", "unit"),
            ("USD100元人民币", "two currencies"),
            ("0.001", "finer than one fen"),
            ("1.33333333万元", "finer than one fen"),
            ("92233720368547758.08", "larger"),
            ("9999999999百亿元", "larger"),
        ],
    )
    def test_refuses_what_it_cannot_be_sure_of(self, text, reason):
        with pytest.raises(UnreadableAmount, match=reason):
            money.read(text)

    def test_takes_the_largest_amount_a_column_holds(self):
        assert money.parse("92233720368547758.07") == money.LIMIT

    def test_refuses_other_currencies_where_yuan_is_wanted_but_hands_them_over(self):
        with pytest.raises(ForeignCurrency, match="USD") as refusal:
            money.parse("429(万美元)")
        assert refusal.value.money == Money(429_000_000, "USD")
        assert refusal.value.code == "amount-currency"

    @given(st.text("0123456789,.()万元亿美人民币-+ ￥（）", max_size=12))
    def test_reads_or_refuses_and_never_fails(self, text):
        amount = None
        with contextlib.suppress(UnreadableAmount):
            amount = money.read(text)
        assert amount is None or abs(amount.fen) <= money.LIMIT

    @given(st.integers(-money.LIMIT, money.LIMIT))
    def test_reads_back_what_it_writes(self, fen):
        assert money.parse(money.format(fen, language="zh-hans")) == fen
        assert money.parse(money.format(fen, language="en").replace("CNY ", "")) == fen


class TestWriting:
    def test_is_exact(self):
        assert money.format(123_456_789, language="zh-hans") == "1,234,567.89元"
        assert money.format(-5, language="en") == "CNY -0.05"

    @pytest.mark.parametrize(
        ("fen", "zh", "en"),
        [
            (0, "0.00元", "CNY 0.00"),
            (99_999, "999.99元", "CNY 999.99"),
            (100_000, "1,000.00元", "CNY 1.00k"),
            (-150_000_000, "-150.00万元", "CNY -1.50m"),
            (1_234_567_890_000, "123.46亿元", "CNY 12.35bn"),
        ],
    )
    def test_is_short_for_charts(self, fen, zh, en):
        assert money.format_short(fen, language="zh-hans") == zh
        assert money.format_short(fen, language="en") == en

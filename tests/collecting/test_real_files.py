"""Real files: what is wrong with them is found, and nothing else."""

from pathlib import Path

import pytest
from tests.collecting.conftest import ON, nobody, rules, same_count

from creditmesh.catalogue.loading import load
from creditmesh.collecting.outcome import Outcome
from creditmesh.collecting.run import collect

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the real sets of ../shared/data are not here")


def collected(file: str, item: str, folder: Path) -> Outcome:
    catalogue = load()
    found = catalogue.items[item]
    return collect(
        file=DATA / file, item=found, source=catalogue.sources[found.sources[0]], folder=folder,
        on=ON, resolve=nobody, progress=lambda rows: None,
    )  # fmt: skip


class TestTheRegisterOfQinghai:
    def test_has_one_wrong_check_character_and_capital_in_dollars(self, tmp_path: Path) -> None:
        outcome = collected("cn_registry/qinghai.parquet", "CN-REG-01", tmp_path)

        assert (outcome.received, outcome.accepted) == (40_068, 40_068)
        assert rules(outcome) == {("code", "uscc-check-character"), ("capital", "amount-currency")}

    def test_has_odd_codes_of_which_most_are_older_numbers(self, tmp_path: Path) -> None:
        outcome = collected("cn_registry/odd_codes.parquet", "CN-REG-01", tmp_path)

        assert same_count(outcome)
        assert ("code", "registration-number-for-code") in rules(outcome)
        assert outcome.unresolved > 0


class TestTheTablesOfJinan:
    @pytest.mark.parametrize(
        ("table", "item"),
        [
            ("administrative_punishment", "JN-PEN-01"),
            ("test2000_company_baseinfo", "JN-ENT-07"),
            ("ent_guarantee", "JN-GUA-01"),
            ("justice_judge_new", "JN-JUD-05"),
            ("product_checkinfo_connect", "JN-SAM-01"),
        ],
    )
    def test_are_taken_row_by_row(self, tmp_path: Path, table: str, item: str) -> None:
        outcome = collected(f"cn_jinan_credit/tables/{table}.parquet", item, tmp_path)

        assert same_count(outcome)
        assert outcome.quarantined < 0.1 * outcome.received

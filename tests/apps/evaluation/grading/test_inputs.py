"""What a run reads: recorded as text, shown as it was."""

from tests.apps.evaluation.grading import small

from creditmesh.apps.evaluation.grading.models import Run
from creditmesh.apps.evaluation.grading.queries import inputs


def test_what_was_collected_survives_being_written_down() -> None:
    pairs = [("TST-02", "63"), ("TST-01", ""), ("TST-01", "")]
    kept = Run(collected=inputs.collected_text(pairs))
    assert inputs.collected(kept) == [("TST-01", ""), ("TST-02", "63")]
    assert inputs.collected(Run()) == []


def test_a_catalogue_of_some_items_forgets_the_others() -> None:
    assert set(small.CATALOGUE.items) == {"TST-01", "TST-02"}
    assert set(inputs.only(small.CATALOGUE, ["TST-02"]).items) == {"TST-02"}

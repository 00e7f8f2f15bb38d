"""A refusal carries a sentence for people and a code for machines."""

from creditmesh.kernel.errors import CreditmeshError


class TestARefusal:
    def test_has_a_general_code_unless_told(self):
        assert CreditmeshError("Say it again.").code == "refused"
        assert CreditmeshError("Say it again.", code="again").code == "again"

    def test_shows_its_sentence(self):
        assert str(CreditmeshError("Say it again.")) == CreditmeshError("Say it again.").sentence

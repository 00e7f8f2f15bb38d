"""The words of every subject in one place, for the pages that show any of them."""

from django.utils.functional import Promise

from creditmesh.web.portals.frame.vocabulary import (
    authorisations,
    disclosure,
    enterprises,
    grading,
    inquiries,
    institutions,
    ledger,
    reports,
    rights,
    supervision,
    systems,
)

_SUBJECTS = (
    authorisations,
    disclosure,
    enterprises,
    grading,
    inquiries,
    institutions,
    ledger,
    reports,
    rights,
    supervision,
    systems,
)

SENTENCES: dict[str, Promise | str] = {
    code: said for subject in _SUBJECTS for code, said in subject.SENTENCES.items()
}
ACTS: dict[str, Promise | str] = {act: said for subject in _SUBJECTS for act, said in subject.ACTS.items()}
ACTED_ON: dict[str, Promise | str] = {
    kind: said for subject in _SUBJECTS for kind, said in getattr(subject, "ACTED_ON", {}).items()
}
VOCABULARIES: dict[str, dict[str, Promise | str]] = {
    name: said for subject in _SUBJECTS for name, said in getattr(subject, "VOCABULARIES", {}).items()
}
TONES: dict[str, str] = {
    code: tone for subject in _SUBJECTS for code, tone in getattr(subject, "TONES", {}).items()
}

"""The words of every subject in one place, for the pages that show any of them."""

from django.utils.functional import Promise

from creditmesh.web.portals.frame.vocabulary import (
    authorisations,
    disclosure,
    enterprises,
    institutions,
    ledger,
    reports,
    rights,
)

_SUBJECTS = (authorisations, disclosure, enterprises, institutions, ledger, reports, rights)

SENTENCES: dict[str, Promise | str] = {
    code: said for subject in _SUBJECTS for code, said in subject.SENTENCES.items()
}
ACTS: dict[str, Promise | str] = {act: said for subject in _SUBJECTS for act, said in subject.ACTS.items()}

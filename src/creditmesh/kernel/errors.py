"""What can go wrong, in words a person can act on."""


class CreditmeshError(Exception):
    """A refusal: `sentence` says what is wrong and what to do, `code` names the rule for machines.

    Every domain error derives from this one; `web/errors.py` maps classes to HTTP statuses once.
    """

    code = "refused"

    def __init__(self, sentence: str, *, code: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        if code is not None:
            self.code = code

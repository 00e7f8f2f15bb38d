"""Where the files of a batch lie in the node's data folder."""

from pathlib import Path
from uuid import UUID


def inbox(*, home: Path, batch: UUID) -> Path:
    """Return the folder of a batch's delivered file."""
    return home / "inbox" / str(batch)


def delivered(*, home: Path, batch: UUID) -> Path:
    """Return a batch's delivered file; raise `FileNotFoundError` when it is gone."""
    for file in inbox(home=home, batch=batch).glob("delivered.*"):
        return file
    raise FileNotFoundError(f"The delivered file of batch {batch} is missing from the data folder.")


def outcome(*, home: Path, batch: UUID) -> Path:
    """Return the folder of what checking a batch made: accepted rows, refused rows."""
    return home / "batches" / str(batch)


def accepted(*, home: Path, batch: UUID) -> Path:
    """Return the file of a batch's accepted rows."""
    return outcome(home=home, batch=batch) / "accepted.parquet"


def refused(*, home: Path, batch: UUID) -> Path:
    """Return the file of a batch's refused rows, with the reason beside each."""
    return outcome(home=home, batch=batch) / "refused.csv"


def unresolved(*, home: Path, batch: UUID) -> Path:
    """Return the file of a batch's rows that could not be tied to a subject."""
    return outcome(home=home, batch=batch) / "unresolved.parquet"

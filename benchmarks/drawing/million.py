"""Draw from a million objects, beside a plain hand-written Python loop that does the same by the book.

PYTHONPATH=src python benchmarks/drawing/million.py [OBJECTS]
"""

import hashlib
import json
import math
import random
import resource
import sys
import time
from datetime import date

from creditmesh.drawing.pools import Candidate, Inspector, Leaving, freeze, freeze_inspectors
from creditmesh.drawing.selecting import Terms, select
from creditmesh.drawing.sizes import Ratios
from creditmesh.drawing.visits.officers import Need, Staffing, Visit, assign

GRADES = ("A", "B", "C", "D")
RATIOS = {"A": 100, "B": 300, "C": 1000, "D": 3000}
SEED = "5a" * 32
DAY = date(2026, 3, 2)


def by_hand(candidates: list[Candidate]) -> set[str]:
    """Return who is drawn, the way one would write it first: sort everything, hash everything, sort again."""
    rows = sorted([one.id, one.grade, one.key, one.region, ""] for one in candidates)
    hashlib.sha256(json.dumps(rows, separators=(",", ":")).encode()).hexdigest()
    drawn = set()
    for grade in GRADES:
        names = [row[0] for row in rows if row[1] == grade]
        names.sort(key=lambda name: hashlib.sha256(f"{SEED}|T|{name}".encode()).hexdigest())
        drawn |= set(names[: math.ceil(len(names) * RATIOS[grade] / 10_000)])
    return drawn


def main() -> None:
    """Run both and print processor seconds, which other work on the machine does not stretch as much."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    chance = random.Random(20260302)  # noqa: S311 - a pool for timing
    grades = chance.choices(GRADES, (65, 25, 8, 2), k=size)
    candidates = [Candidate(f"91990121MA{n:08d}", grades[n], False, f"99012{n % 7}") for n in range(size)]
    chance.shuffle(candidates)
    start = time.process_time()
    expected = by_hand(candidates)
    peer = time.process_time() - start
    start = time.process_time()
    leaving = Leaving(on=DAY, cool_down_days=180, most_visits={"A": 1})
    pool = freeze(candidates, grades=GRADES, leaving=leaving)
    frozen = time.process_time()
    digest = pool.sha256
    found = select(pool=pool, terms=Terms(ratios=Ratios(by_grade=RATIOS), reserve=0), seed=SEED, task="T")
    drawn = time.process_time()
    assert {one.id for one in found.drawn} == expected
    people = freeze_inspectors(
        Inspector(f"i{n:04d}", "samr", f"99012{n % 7}", "2027-01-01", ()) for n in range(2000)
    )
    regions = dict(zip(pool.columns.ids, pool.columns.regions, strict=True))
    visits = [Visit(one.id, regions[one.id]) for one in found.drawn]
    staffing = Staffing(needs=(Need("samr", 2),), valid_on=DAY, load=80)
    middle = time.process_time()
    teams = assign(visits=visits, pool=people, staffing=staffing, conflicts=(), seed=SEED, task="T")
    told = {
        "objects": size,
        "drawn": len(found.drawn),
        "freeze_cpu_seconds": round(frozen - start, 2),
        "digest_and_draw_cpu_seconds": round(drawn - frozen, 2),
        "draw_cpu_seconds": round(drawn - start, 2),
        "by_hand_cpu_seconds": round(peer, 2),
        "ratio": round(peer / (drawn - start), 2),
        "teams": sum(1 for one in teams if one.members),
        "teams_cpu_seconds": round(time.process_time() - middle, 2),
        "pool_sha256": digest,
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()

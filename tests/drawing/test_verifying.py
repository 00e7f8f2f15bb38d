"""A published draw: recomputed by one file of the standard library; any field changed is found."""

import copy
import json
import runpy
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.drawing.conftest import (
    COMMITTED,
    PUBLIC,
    RATIOS,
    SECRET,
    announcement,
    inspectors,
    pool_of,
    whole_file,
)

from creditmesh.drawing import pools
from creditmesh.drawing.conducting import PoolChanged, conduct
from creditmesh.drawing.measuring import share
from creditmesh.drawing.publication import draw_file
from creditmesh.drawing.sealing import seal, ticket_of
from creditmesh.drawing.seeds import (
    BadSecret,
    CommitmentBroken,
    PublicHalf,
    PublicHalfRefused,
    commitment,
    require_public,
    seed,
)
from creditmesh.drawing.selecting import Terms
from creditmesh.drawing.sizes import Ratios
from creditmesh.drawing.standalone import verify_draw
from creditmesh.drawing.visits.officers import Need, Staffing
from creditmesh.drawing.written import sha256, written

SCRIPT = Path(verify_draw.__file__)


def sealed_again(file):
    """Return a file whose own digest was made to fit, as a forger would."""
    file = {name: value for name, value in file.items() if name != "sha256"}
    return {**file, "sha256": sha256(written(file))}


def leaves(value, path=()):
    """Yield the path of every value in the file."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from leaves(one, (*path, name))
    elif isinstance(value, list):
        yield path
        for place, one in enumerate(value):
            yield from leaves(one, (*path, place))
    else:
        yield path


def changed(file, path):
    """Return a copy with one value another."""
    found = copy.deepcopy(file)
    holder = found
    for step in path[:-1]:
        holder = holder[step]
    old = holder[path[-1]]
    match old:
        case bool():
            holder[path[-1]] = not old
        case int():
            holder[path[-1]] = old + 1
        case str():
            holder[path[-1]] = old[:-1] + ("0" if old[-1:] != "0" else "1")
        case _:
            holder[path[-1]] = old[:-1] if old else [1]
    return found


WHOLE = whole_file()
PATHS = sorted(leaves(WHOLE), key=str)
# What a forger can make fit without being found by the file alone: the words beside the draw, and what has to be
# looked up elsewhere. That is what the digest of the announcement, published before, is for.
UNHELD = {
    ("public", "fixed_at"),  # to be looked up at the source
    ("conflicts",),
    ("replacements",),
}


class TestAPublishedDraw:
    def test_holds(self):
        report = verify_draw.check(WHOLE, WHOLE["announcement_sha256"])
        assert report.holds(), report.text("en")
        assert "NOT" not in report.text("en")

    @pytest.mark.parametrize(
        ("budget", "control"), [(0, 0), (0, 30), (2, 0), (5, 1), (20, 2), (470, 1), (2000, 1)]
    )
    def test_holds_with_any_terms(self, budget, control):
        file = whole_file(terms=Terms(ratios=RATIOS, budget=budget, control=control))
        assert verify_draw.check(file).holds(), verify_draw.check(file).text("en")

    def test_holds_where_a_budget_would_have_left_a_grade_out(self):
        level = Ratios(by_grade=dict.fromkeys("ABCD", 9000))
        file = whole_file(terms=Terms(ratios=level, budget=4))
        assert {one[2] for one in file["drawn"]} == set("ABCD")
        assert verify_draw.check(file).holds()

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(PATHS))
    def test_tells_of_any_field_that_was_changed(self, path):
        assert not verify_draw.check(changed(WHOLE, path)).holds()

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from([one for one in PATHS if one[:1] != ("sha256",) and one[:2] not in UNHELD]))
    def test_tells_of_any_field_even_when_its_own_digest_was_made_to_fit(self, path):
        if path[:1] in {("conflicts",), ("replacements",)}:
            return
        report = verify_draw.check(sealed_again(changed(WHOLE, path)), WHOLE["announcement_sha256"])
        assert not report.holds(), path

    @pytest.mark.parametrize("name", sorted(WHOLE))
    def test_tells_of_anything_missing(self, name):
        assert not verify_draw.check({key: value for key, value in WHOLE.items() if key != name}).holds()

    @pytest.mark.parametrize(
        "value",
        [{}, {"announcement": 1}, {"announcement": []}, {**WHOLE, "objects": "x"}],
        ids=["a", "b", "c", "d"],
    )
    def test_that_is_none_is_refused_in_words(self, value):
        report = verify_draw.check(value)
        assert not report.holds()
        assert "malformed" in report.text("en")

    def test_that_draws_nobody_of_any_grade_is_refused_in_words(self):
        file = copy.deepcopy(WHOLE)
        nobody = [[grade, 0] for grade, _ in file["announcement"]["grades"]]
        file["announcement"].update(budget=3, key_ratio=0, grades=nobody)
        report = verify_draw.check(sealed_again(file))
        assert not report.holds()
        assert "NOT so: no grade is exempt" in report.text("en")

    def test_of_another_announcement_is_found(self):
        assert not verify_draw.check(WHOLE, "0" * 64).holds()

    def test_with_a_team_that_had_to_recuse_is_found(self):
        file = copy.deepcopy(WHOLE)
        team = file["teams"][0]
        file["conflicts"] = sorted([*file["conflicts"], [team[0], team[2][0][0]]])
        assert not verify_draw.check(sealed_again(file)).holds()

    def test_with_a_replacement_out_of_turn_is_found(self):
        file = copy.deepcopy(WHOLE)
        file["replacements"][0][1] = file["reserves"][-1][1]
        assert not verify_draw.check(sealed_again(file)).holds()
        file["replacements"][0] = ["nobody", "anybody", "moved", "2026-03-10T02:00:00Z"]
        assert not verify_draw.check(sealed_again(file)).holds()

    def test_without_enough_officers_says_so_and_holds(self):
        staffing = Staffing(needs=(Need("samr", 2), Need("tax", 1)), valid_on=PUBLIC.fixed_at.date())
        file = whole_file(staffing=staffing)
        report = verify_draw.check(file)
        assert report.holds()
        assert "found no team" in report.text("en")
        assert "没有足够" in report.text("zh")


class TestOpenings:
    def sealed(self):
        named = pool_of({"A": 30, "D": 10})
        tickets = seal([row.id for row in named.rows], noise=bytes)
        rows = sorted(row._replace(id=ticket.ticket) for row, ticket in zip(named.rows, tickets, strict=True))
        objects = pools.pool_of(rows, grades=named.grades)
        salt, ties = "00" * 16, [["relative", "A00001", ""]]
        facts = sha256(f"{salt}|".encode() + written(ties))
        people = inspectors(facts=facts)
        told = announcement(objects, people, sealed=True)
        outcome = conduct(
            announcement=told,
            secret=SECRET,
            public=PUBLIC,
            pools=(objects, people),
            conflicts_among=lambda _: [],
        )
        file = draw_file(
            announcement=told, secret=SECRET, public=PUBLIC, pools=(objects, people), outcome=outcome
        )
        openings = {
            "objects": [[one.ticket, one.salt, one.id, "名称", ""] for one in tickets],
            "inspectors": [[row.id, salt, ties, row.id] for row in people.rows],
        }
        return json.loads(json.dumps(file)), openings

    def test_open_every_ticket(self):
        file, openings = self.sealed()
        report = verify_draw.check(file, "", openings)
        assert report.holds(), report.text("en")
        assert "auditors" in verify_draw.check(file).text("en")

    def test_of_an_open_pool_open_what_inspectors_declared(self):
        salt = "00" * 16
        openings = {"objects": [], "inspectors": [[row[0], salt, [], row[0]] for row in WHOLE["inspectors"]]}
        assert not verify_draw.check(WHOLE, "", openings).holds()

    @pytest.mark.parametrize("what", ["object", "twice", "missing", "ties", "code"])
    def test_that_do_not_fit_are_found(self, what):
        file, openings = self.sealed()
        match what:
            case "object":
                openings["objects"][3][2] = "somebody else"
            case "twice":
                openings["objects"].append([ticket_of("A00001", salt="11"), "11", "A00001", "", ""])
            case "missing":
                openings["objects"].pop()
            case "ties":
                openings["inspectors"][0][2] = []
            case "code":
                openings["inspectors"][0][3] = "samr-999"
        assert not verify_draw.check(file, "", openings).holds()


class TestTheScript:
    def run(self, *arguments, file=None, folder=None):
        name = folder / "draw.json"
        name.write_text(json.dumps(file) if file is not None else "no json", encoding="utf-8")
        return subprocess.run(
            [sys.executable, "-I", str(SCRIPT), str(name), *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            env={"PYTHONIOENCODING": "utf-8"},
        )

    def test_needs_nothing_but_python(self, tmp_path):
        done = self.run("--lang", "en", file=WHOLE, folder=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.endswith("The draw holds.\n")

    def test_ends_with_one_and_says_what_is_wrong(self, tmp_path, capsys):
        name = tmp_path / "draw.json"
        name.write_text(json.dumps(changed(WHOLE, ("seed",))), encoding="utf-8")
        assert verify_draw.main([str(name)]) == 1
        told = capsys.readouterr().out
        assert "NOT so: the seed is made of the secret and the public half" in told
        assert "结论：抽取有误" in told

    def test_reads_the_openings(self, tmp_path, capsys):
        file, openings = TestOpenings().sealed()
        for name, value in (("draw", file), ("openings", openings)):
            (tmp_path / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
        told = [str(tmp_path / "draw.json"), "--openings", str(tmp_path / "openings.json"), "--lang", "zh"]
        assert verify_draw.main(told) == 0
        assert "每个票号都对应一个对象" in capsys.readouterr().out

    def test_runs_as_a_program(self, tmp_path, monkeypatch, capsys):
        name = tmp_path / "draw.json"
        name.write_text(json.dumps(WHOLE), encoding="utf-8")
        monkeypatch.setattr(sys, "argv", ["verify_draw.py", str(name)])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(SCRIPT), run_name="__main__")
        assert ended.value.code == 0
        assert "The draw holds." in capsys.readouterr().out

    @pytest.mark.parametrize("text", ["no json", "[" * 100_000], ids=["none", "deep"])
    def test_refuses_what_it_cannot_read(self, tmp_path, capsys, text):
        name = tmp_path / "draw.json"
        name.write_text(text, encoding="utf-8")
        assert verify_draw.main([str(name)]) == 1
        assert "cannot be read" in capsys.readouterr().err

    def test_imports_nothing_of_ours(self):
        assert "creditmesh" not in "".join(
            line for line in SCRIPT.read_text("utf-8").splitlines() if line.startswith(("import", "from"))
        )


class TestASeed:
    def test_is_of_both_halves(self):
        found = seed(secret=SECRET, committed=commitment(SECRET), public="3312.58")
        assert found == sha256(f"{SECRET}|3312.58".encode())
        assert found != seed(secret=SECRET, committed=commitment(SECRET), public="3312.59")

    def test_needs_the_secret_that_was_committed_to(self):
        with pytest.raises(CommitmentBroken):
            seed(secret="00" * 32, committed=commitment(SECRET), public="x")

    @pytest.mark.parametrize("secret", ["", "zz" * 32, "AB" * 32, "ab"])
    def test_needs_a_secret_of_32_bytes(self, secret):
        with pytest.raises(BadSecret):
            commitment(secret)

    @pytest.mark.parametrize(
        ("value", "source", "hours"),
        [
            ("", "s", 1),
            (" 1", "s", 1),
            ("1|2", "s", 1),
            ("1", " ", 1),
            ("1", "s", 0),
            ("1", "s", -1),
            ("1", "s", 3),
        ],
    )
    def test_needs_a_public_half_nobody_could_have_known(self, value, source, hours):
        half = PublicHalf(value=value, source=source, fixed_at=COMMITTED + timedelta(hours=hours))
        with pytest.raises(PublicHalfRefused):
            require_public(half, committed_at=COMMITTED, now=COMMITTED + timedelta(hours=2))

    def test_takes_one_fixed_in_between(self):
        half = PublicHalf(value="1", source="s", fixed_at=COMMITTED + timedelta(hours=1))
        require_public(half, committed_at=COMMITTED, now=datetime(2026, 3, 2, 9, tzinfo=UTC))


class TestConducting:
    def test_refuses_another_pool_than_the_one_announced(self):
        objects, people = pool_of({"A": 30}), inspectors()
        told = announcement(objects, people)
        for changed in ((pool_of({"A": 29}), people), (objects, inspectors(samr=3))):
            with pytest.raises(PoolChanged):
                conduct(
                    announcement=told,
                    secret=SECRET,
                    public=PUBLIC,
                    pools=changed,
                    conflicts_among=lambda _: [],
                )


class TestAShare:
    @pytest.mark.parametrize(
        ("found", "of", "low", "high"),
        # statsmodels.stats.proportion.proportion_confint(..., method="wilson"), rounded outwards
        [(0, 10, 0, 2776), (5, 10, 2365, 7635), (10, 10, 7224, 10_000), (1, 100, 17, 545), (0, 0, 0, 10_000)],
    )
    def test_has_the_interval_of_wilson(self, found, of, low, high):
        told = share(found, of)
        assert (told.low, told.high) == (low, high)
        assert told.share == (None if not of else found * 10_000 // of)

    @given(st.integers(0, 500), st.integers(0, 500))
    def test_lies_within_its_interval(self, found, rest):
        told = share(found, found + rest)
        assert 0 <= told.low <= (told.share or 0) or not found + rest
        assert told.high >= (told.share or 0)

    def test_is_one_of_so_many(self):
        with pytest.raises(ValueError, match="no share"):
            share(3, 2)

"""Compute a published double random draw again, without trusting whoever drew.

    python verify_draw.py DRAW.json [--announcement SHA256] [--openings OPENINGS.json] [--lang zh|en]

Needs Python 3.9 or newer and nothing else. --announcement: the digest published before the draw, which you have
from elsewhere; without it the script says what that leaves open. --openings: for auditors: the salts that say whom
a ticket stands for. Ends with 0 when everything holds, 1 when something does not, 2 when used wrongly.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import pathlib
import sys
from typing import Any

FORMAT = "creditmesh-draw-file/1"
ALGORITHM = "creditmesh-draw/1"
WHOLE = 10_000
MARKS = {"right": "[OK]", "open": "[--]", "wrong": "[!!]"}

WORDS = {
    "malformed": "文件内容残缺或格式不对（{a}: {b}） // the file is incomplete or malformed ({a}: {b})",
    "format": "文件格式与算法版本是本程序认识的 // format and algorithm are those this script knows",
    "digest": "文件自公布以来未被改动（自身摘要相符） // the file is as its own digest says",
    "seed": "种子由秘密值与公开值算出 // the seed is made of the secret and the public half",
    "counts": "各等级的抽取数量符合公布的比例、总量与随机配额 // as many of each grade are drawn as ratios, budget and quota say",
    "drawn": "抽中的{a}个对象与重新计算一致 // the {a} drawn are the right ones",
    "reserves": "备选名单与重新计算一致 // the reserves are the right ones",
    "teams": "检查人员与重新计算一致，每组至少两名执法人员 // the teams are the right ones, with two officers at least",
    "announcement": "公告与其摘要相符 // the announcement is as its digest says",
    "announced": "公告与您事先得到的摘要相符 // the announcement is the one whose digest you had before",
    "not_announced": "未与事先公布的公告摘要核对：请用别处得到的摘要，加 --announcement。本文件的公告摘要为 {a} // not held against a digest published before: get it elsewhere, add --announcement. Here it is {a}",
    "secret": "秘密值与抽取前公布的承诺相符 // the secret half is the one committed to",
    "later": "公开值在承诺公布之后才确定 // the public half was fixed after the commitment",
    "source": "公开值来自公告事先指明的来源 // the public half is of the source named beforehand",
    "look_up": "请自行查证公开值：{a}，{b}，应为 {c} // look the public half up yourself: {a}, {b}, should be {c}",
    "ratios": "没有免抽的等级，等级越差比例越不低 // no grade is exempt, and no worse grade is drawn more rarely",
    "officers": "每次检查至少两名执法人员，每个部门至少一名 // two officers at least at each visit, and one of each department",
    "objects": "检查对象名录（{a}个）与公告的摘要相符 // the pool of {a} objects is the one announced",
    "inspectors": "检查人员名录（{a}人）与公告的摘要相符 // the pool of {a} inspectors is the one announced",
    "double": "名录中没有重复的对象 // no object stands twice in the pool",
    "worst": "最差等级的对象没有因近期检查过而被排除 // nobody of the worst grade is left out for a recent visit",
    "recused": "没有应当回避的检查人员被派出 // nobody who had to recuse is sent",
    "drawn_only": "回避名单只涉及抽中的对象 // recusals are about drawn objects only",
    "no_team": "{a}个对象没有足够的合格检查人员，原因写在文件中 // {a} objects found no team; the file says why",
    "replacements": "{a}次替换都按备选顺序进行并写明原因 // the {a} replacements follow the reserve and give a reason",
    "sealed": "对象以票号参加抽取（风险等级不公开）；票号对应谁，由审计人员用 --openings 核对 // objects go by tickets, as risk classes are not public; who they are is checked by auditors, --openings",
    "stated": "回避名单与排除原因由组织机关给出，其依据由审计人员核对 // who recuses and who is left out is stated by the authority; auditors check what it rests on",
    "tickets": "每个票号都对应一个对象，没有一个对象有两个票号 // each ticket opens to one object, and no object has two",
    "declared": "检查人员申报的利害关系自公告以来未被改动 // what inspectors declared was not changed since the announcement",
}


class Report:
    """What was found, line by line, in Chinese and English."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str]] = []

    def check(self, holds: bool, words: str, **values: object) -> None:
        """Note something that must hold; the words name what it is."""
        self._say("right" if holds else "wrong", words, values)

    def open(self, words: str, **values: object) -> None:
        """Note what this file cannot show."""
        self._say("open", words, values)

    def _say(self, kind: str, words: str, values: dict[str, object]) -> None:
        chinese, english = (one.format(**values) for one in WORDS[words].split(" // "))
        before = ("不符：", "NOT so: ") if kind == "wrong" else ("", "")
        self.lines.append((kind, before[0] + chinese, before[1] + english))

    def holds(self) -> bool:
        """Return whether nothing is wrong."""
        return all(kind != "wrong" for kind, _, _ in self.lines)

    def text(self, language: str = "") -> str:
        """Return all lines, in one language or in both."""
        found = []
        for kind, chinese, english in self.lines:
            words = {"zh": [chinese], "en": [english]}.get(language, [chinese, english])
            found.append(f"{MARKS[kind]} " + "\n     ".join(words))
        return "\n".join(found) + "\n"


def written(value: Any) -> bytes:
    """Return the one form of a value that is hashed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def digest(data: bytes) -> str:
    """Return SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def sizes_by_budget(population: dict[Any, int], ratio: dict[Any, int], budget: int) -> dict[Any, int]:
    """Return the shares of a total by largest remainders, worst grade first, nobody left out."""
    shares = dict.fromkeys(population, 0)
    total = min(budget, sum(population.values()))
    free = [one for one in population if population[one]]
    while total:
        weight = {one: population[one] * ratio[one] for one in free}
        whole = sum(weight.values())
        part = {one: total * weight[one] // whole for one in free}
        rest = total - sum(part.values())
        for one in sorted(free, key=lambda one: -(total * weight[one] % whole))[:rest]:
            part[one] += 1
        full = [one for one in free if part[one] >= population[one]]
        if not full:
            shares.update(part)
            break
        for one in full:
            shares[one] = population[one]
            total -= population[one]
        free = [one for one in free if one not in full]
    present = list(dict.fromkeys(one[0] for one in population if population[one]))
    if sum(shares.values()) >= len(present):
        for grade in present:
            if not grade_sum(shares, grade):
                richest = max(shares, key=lambda one: (grade_sum(shares, one[0]) > 1, shares[one]))
                shares[richest] -= 1
                shares[next(one for one in shares if one[0] == grade and population[one])] += 1
    return shares


def grade_sum(shares: dict[Any, int], grade: str) -> int:
    """Return what a grade gets in all."""
    return sum(size for one, size in shares.items() if one[0] == grade)


def strata(
    objects: list[Any], told: dict[str, Any], seed: str
) -> tuple[dict[Any, list[Any]], dict[Any, int]]:
    """Return those who take part with their ranks, and how many are drawn, by grade and key or not."""
    grades = [grade for grade, _ in told["grades"]]
    order = [(grade, key) for grade in reversed(grades) for key in (True, False)]
    by_grade = dict(told["grades"])
    ratio = {one: max(by_grade[one[0]], told["key_ratio"] if one[1] else 0) for one in order}
    members: dict[Any, list[Any]] = {one: [] for one in order}
    for name, grade, key, _, excluded in objects:
        if not excluded:
            rank = hashlib.sha256(f"{seed}|{told['task']}|{name}".encode()).digest()
            members[(grade, key)].append((rank, name))
    population = {one: len(members[one]) for one in order}
    if told["budget"]:
        return members, sizes_by_budget(population, ratio, told["budget"])
    return members, {one: min(size, -(-size * ratio[one] // WHOLE)) for one, size in population.items()}


def selection(objects: list[Any], told: dict[str, Any], seed: str) -> tuple[list[Any], list[Any], list[Any]]:
    """Return who is drawn, the reserves and the counts, by the rules of the announcement."""
    members, sizes = strata(objects, told, seed)
    grades = [grade for grade, _ in told["grades"]]
    chosen: list[Any] = []
    reserves: list[Any] = []
    counts: list[Any] = []
    for grade in grades:
        most = min(told["control"], sizes[(grade, True)] + sizes[(grade, False)])
        everyone = [(rank, name, key) for key in (True, False) for rank, name in members[(grade, key)]]
        control = sorted(everyone, key=lambda one: (one[0][16:], one[1]))[:most]
        left = sizes[(grade, True)] + sizes[(grade, False)] - most
        for key in (True, False):
            quota = [one for one in control if one[2] == key]
            size = sizes[(grade, key)]
            want = min(left, max(size - len(quota), 0))
            left -= want
            taken = {one[1] for one in quota}
            free = [one for one in sorted(members[(grade, key)]) if one[1] not in taken]
            spare = -(-size * told["reserve"] // WHOLE) if told["reserve"] and size else 0
            chosen += [(rank, name, grade, key, "control") for rank, name, _ in quota]
            chosen += [(rank, name, grade, key, "risk") for rank, name in free[:want]]
            reserves += [
                [place, name, grade, key, "risk"]
                for place, (_, name) in enumerate(free[want : want + spare], start=1)
            ]
            counts.append([grade, key, len(members[(grade, key)]), len(quota) + want, len(quota)])
    drawn = [[place, *one[1:]] for place, one in enumerate(sorted(chosen), start=1)]
    return drawn, reserves, counts


def teams(file: dict[str, Any], told: dict[str, Any], seed: str, drawn: list[Any]) -> list[Any]:
    """Return the teams by the rules of the announcement."""
    region = {row[0]: row[3] for row in file["objects"]}
    barred: dict[str, set[str]] = {}
    for name, inspector in file["conflicts"]:
        barred.setdefault(name, set()).add(inspector)
    load = {one[0]: one[7] for one in file["inspectors"]}
    found = []
    for row in drawn:
        away = barred.get(row[1], set())
        # The ranks of everyone for this visit, four bytes each, in the order of the pool.
        ranks = hashlib.shake_128(f"{seed}|{told['task']}|{row[1]}".encode()).digest(
            4 * len(file["inspectors"])
        )
        found.append(team(file["inspectors"], told, ranks, region[row[1]], away, load))
        found[-1].insert(0, row[1])
        for member in found[-1][2]:
            load[member[0]] += 1
    return found


def team(
    inspectors: list[Any],
    told: dict[str, Any],
    ranks: bytes,
    region: str,
    away: set[str],
    load: dict[str, int],
) -> list[Any]:
    """Return the width of the region, the members and the failure of one team."""
    members: list[Any] = []
    widest = 0
    for place, (unit, officers, specialties, experts) in enumerate(told["needs"]):
        fit = [
            (ranks[4 * number : 4 * number + 4], number, one)
            for number, one in enumerate(inspectors)
            if one[6] and one[1] == unit and one[3] >= told["valid_on"] and one[0] not in away
            if load[one[0]] < told["load"] and (not specialties or set(specialties) & set(one[4]))
        ]
        first: list[Any] = []
        others: list[Any] = []
        step = 0
        for step, width in enumerate(told["widths"]):  # noqa: B007 - how far it went is the answer
            near = [one for _, _, one in sorted(fit) if one[2][:width] == region[:width]]
            first = [one for one in near if one[5] == "officer"][:officers]
            others = [one for one in near if one[5] == "expert"][:experts]
            if len(first) == officers and len(others) == experts:
                break
        if len(first) < officers or len(others) < experts:
            said = f"{unit}: {len(first)} of {officers} officers, {len(others)} of {experts} experts"
            return [-1, [], said]
        widest = max(widest, step)
        for turn, one in enumerate(first):
            members.append([one[0], unit, "lead" if not place and not turn else "assistant"])
        members += [[one[0], unit, "expert"] for one in others]
    return [told["widths"][widest], members, ""]


def check(file: dict[str, Any], announced: str = "", openings: dict[str, Any] | None = None) -> Report:
    """Return the report on a draw file."""
    report = Report()
    try:
        _check(file, announced, openings, report)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, StopIteration) as broken:
        report.check(False, "malformed", a=type(broken).__name__, b=broken)
    return report


def _check(file: dict[str, Any], announced: str, openings: dict[str, Any] | None, report: Report) -> None:
    told = file["announcement"]
    report.check(file["format"] == FORMAT and told["algorithm"] == ALGORITHM, "format")
    body = {name: value for name, value in file.items() if name != "sha256"}
    report.check(digest(written(body)) == file["sha256"], "digest")
    _before(file, told, announced, report)
    _rules(told, report)
    _pools(file, told, report)
    seed = digest(f"{file['secret']}|{file['public']['value']}".encode())
    report.check(seed == file["seed"], "seed")
    drawn, reserves, counts = selection(file["objects"], told, seed)
    report.check(counts == file["counts"], "counts")
    report.check(drawn == file["drawn"], "drawn", a=len(drawn))
    report.check(reserves == file["reserves"], "reserves")
    report.check(teams(file, told, seed, drawn) == file["teams"], "teams")
    _people(file, told, report)
    _replacements(file, report)
    if openings is None:
        _left_open(told, report)
    else:
        _openings(file, told, openings, report)


def _before(file: dict[str, Any], told: dict[str, Any], announced: str, report: Report) -> None:
    found = digest(written(told))
    report.check(found == file["announcement_sha256"], "announcement")
    if announced:
        report.check(found == announced.strip().lower(), "announced")
    else:
        report.open("not_announced", a=found)
    secret = file["secret"]
    plain = len(secret) == 64 and set(secret) <= set("0123456789abcdef")
    report.check(plain and digest(bytes.fromhex(secret)) == told["secret_sha256"], "secret")
    public = file["public"]
    report.check(
        public["fixed_at"] > told["committed_at"] and public["fixed_at"] >= told["public_after"], "later"
    )
    report.check(public["source"] == told["public_source"] and bool(public["value"].strip()), "source")
    report.open("look_up", a=public["source"], b=public["fixed_at"], c=public["value"])


def _rules(told: dict[str, Any], report: Report) -> None:
    ratios = [ratio for _, ratio in told["grades"]]
    report.check(
        bool(ratios) and ratios == sorted(ratios) and ratios[0] > 0 and ratios[-1] <= WHOLE, "ratios"
    )
    officers = sum(need[1] for need in told["needs"])
    report.check(
        told["least"] >= 2 and officers >= told["least"] and min(need[1] for need in told["needs"]) >= 1,
        "officers",
    )


def _pools(file: dict[str, Any], told: dict[str, Any], report: Report) -> None:
    names = [row[0] for row in file["objects"]]
    report.check(digest(written(file["objects"])) == told["objects_sha256"], "objects", a=len(names))
    report.check(
        digest(written(file["inspectors"])) == told["inspectors_sha256"],
        "inspectors",
        a=len(file["inspectors"]),
    )
    report.check(names == sorted(set(names)), "double")
    worst = told["grades"][-1][0]
    report.check(
        all(row[4] in {"", "out_of_scope", "exempt"} for row in file["objects"] if row[1] == worst), "worst"
    )


def _people(file: dict[str, Any], told: dict[str, Any], report: Report) -> None:
    barred = {(name, inspector) for name, inspector in file["conflicts"]}
    pairs = {(one[0], member[0]) for one in file["teams"] for member in one[2]}
    report.check(not barred & pairs, "recused")
    objects = {row[1] for row in file["drawn"]}
    report.check(all(name in objects for name, _ in barred), "drawn_only")
    failed = sum(1 for one in file["teams"] if one[3])
    if failed:
        report.open("no_team", a=failed)


def _replacements(file: dict[str, Any], report: Report) -> None:
    stratum = {row[1]: (row[2], row[3]) for row in [*file["drawn"], *file["reserves"]]}
    waiting: dict[Any, list[str]] = {}
    for row in file["reserves"]:
        waiting.setdefault((row[2], row[3]), []).append(row[1])
    standing = {row[1] for row in file["drawn"]}
    right = True
    for out, into, reason, _ in file["replacements"]:
        queue = waiting.get(stratum.get(out), [])
        right = right and out in standing and bool(queue) and queue[0] == into and bool(reason.strip())
        if queue:
            queue.pop(0)
        standing.discard(out)
        standing.add(into)
    report.check(right, "replacements", a=len(file["replacements"]))


def _left_open(told: dict[str, Any], report: Report) -> None:
    if told["sealed"]:
        report.open("sealed")
    report.open("stated")


def _openings(file: dict[str, Any], told: dict[str, Any], openings: dict[str, Any], report: Report) -> None:
    tickets = {row[0]: (row[1], row[2]) for row in openings["objects"]}
    if told["sealed"]:
        report.check(
            all(
                row[0] in tickets and digest("|".join(tickets[row[0]]).encode()) == row[0]
                for row in file["objects"]
            )
            and len({real for _, real in tickets.values()}) == len(file["objects"]) == len(tickets),
            "tickets",
        )
    facts = {name: (salt, stated, code) for name, salt, stated, code in openings["inspectors"]}
    report.check(
        all(
            row[0] in facts
            and digest(f"{facts[row[0]][0]}|".encode() + written(facts[row[0]][1])) == row[8]
            and row[0] in {facts[row[0]][2], digest(f"{facts[row[0]][0]}|{facts[row[0]][2]}".encode())}
            for row in file["inspectors"]
        ),
        "declared",
    )


def main(arguments: list[str] | None = None) -> int:
    """Check the file named on the command line and return the exit code."""
    parser = argparse.ArgumentParser(description="Recompute a published double random draw.")
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--announcement", default="")
    parser.add_argument("--openings", type=pathlib.Path)
    parser.add_argument("--lang", choices=["zh", "en"], default="")
    asked = parser.parse_args(arguments)
    try:
        file = json.loads(asked.file.read_text("utf-8"))
        openings = json.loads(asked.openings.read_text("utf-8")) if asked.openings else None
    except (OSError, ValueError, RecursionError) as broken:
        sys.stderr.write(f"无法读取 / cannot be read: {broken}\n")
        return 1
    report = check(file, asked.announcement, openings)
    sys.stdout.write(report.text(asked.lang))
    told = {True: ("结论：抽取正确", "The draw holds."), False: ("结论：抽取有误", "The draw does NOT hold.")}
    chinese, english = told[report.holds()]
    sys.stdout.write({"zh": chinese, "en": english}.get(asked.lang, f"{chinese} {english}") + "\n")
    return 0 if report.holds() else 1


if __name__ == "__main__":
    sys.exit(main())

"""Model cards as Markdown in both languages: of learnt systems, and of systems that experts wrote."""

from collections.abc import Mapping, Sequence
from typing import Any

_KINDS = {
    "weights": "权重 weights",
    "points": "分值与分段 points and bands",
    "cut_offs": "等级界限 limits of grades",
    "rules": "直接判定、封顶、排除 triggers, caps, exclusions",
    "windows": "时间窗与折算 windows and weighings of inputs",
    "combination": "组合 combination",
}
_BOUNDS = (("up_to", "≤"), ("at_least", "≥"))


def learnt(card: Mapping[str, Any]) -> str:
    """Return the card of a learnt system as Markdown, Chinese and English side by side."""
    data, performance = card["data"], card["performance"]
    tested, other = performance["tested"], performance.get("challenger")
    period = "-" if data["period"] is None else " … ".join(data["period"])
    lines = [
        f"# 模型卡 / Model card: {card['system']} {card['version']}",
        "",
        (
            f"- 数据 / Data: {data['rows']} rows, {data['bad']} bad ({data['share_bad']:.2%}); "
            f"target `{data['target']}`, bad is `{data['bad_is']}`; period {period}"
        ),
        (
            f"- 无结果的行 / Rows without an outcome: {data['without_outcome']}. "
            "被拒绝者的结果未知，未作推断；对其评分须谨慎 / What became of the rejected is not known and was not guessed; "
            "scores of applicants unlike those accepted are extrapolations"
        ),
        *_rejected(card.get("rejected")),
        f"- 验证方式 / Validation: {card['validation']['kind']}, {len(card['validation']['splits'])} splits",
        f"- 随机种子 / Seed: {card['seed']}",
        "",
        "## 表现（未见数据） / Performance on unseen rows",
        "",
        (
            f"- AUC {tested['auc']:.4f}, 95 % {tested['auc_interval'][0]:.4f} … {tested['auc_interval'][1]:.4f}; "
            f"KS {tested['ks']:.4f}; Brier {tested['brier']:.4f}"
        ),
    ]
    if other:
        lines.append(
            f"- LightGBM（对照 / challenger）: AUC {other['auc']:.4f}, KS {other['ks']:.4f}, Brier {other['brier']:.4f}; "
            f"可读性代价 / readability costs {other['readability_costs_auc']:+.4f} AUC"
        )
    if "held_out" in performance:
        lines.append(f"- 留出样本 / Held out: AUC {performance['held_out']['auc']:.4f}")
    lines += [
        "",
        "## 校准 / Calibration",
        "",
        "| 行数 rows | 预期 expected | 实际 observed |",
        "|---|---|---|",
    ]
    lines += [
        f"| {one['rows']} | {one['expected']:.2%} | {one['observed']:.2%} |"
        for one in card["calibration"]["reliability"]
    ]
    lines += ["", "| 分数 points | 概率 probability |", "|---|---|"]
    lines += [f"| {one['points']} | {one['probability']:.2%} |" for one in card["calibration"]["table"]]
    lines += ["", "## 等级 / Grades", "", "| 等级 | ≤ 分 | 行数 rows | 坏样本 bad |", "|---|---|---|---|"]
    lines += [
        f"| {one['grade']} | {one['up_to'] or ''} | {one['rows']} | "
        f"{'-' if one['share_bad'] is None else format(one['share_bad'], '.2%')} |"
        for one in card["grades"]
    ]
    return "\n".join([*lines, *_rest(card)]) + "\n"


def _rejected(found: Mapping[str, Any] | None) -> list[str]:
    if found is None:
        return []
    own, others = found["mean_points"]
    grades = ", ".join(f"{one} {share / 10_000:.1%}" for one, share in found["grades"].items())
    return [
        (
            f"- 被拒绝者 / Rejected: {found['rows']} rows, not learnt from; 平均分 mean points {others} (learnt from: {own}), "
            f"PSI {found['psi']:.4f}, {found['outside']:.2%} outside all scores seen; grades {grades}. "
            f"若与同分者相同，预期坏样本 / if they were like others of their score, {found['expected_bad']:.2%} would be bad; "
            "实际多半更高，此数不是验证 / in truth probably more: this is no validation"
        )
    ]


def _cuts(found: Sequence[Mapping[str, Any]]) -> list[str]:
    if not found:
        return [
            (
                "- 公平性须按规模、地区、年龄、所有制另行检查（--cut，或发布前模拟） / Check it by size, region, age and "
                "ownership: `--cut COLUMN`, or the simulation before publishing"
            )
        ]
    lines = [
        "| 列 column | 值 value | 行数 rows | 坏样本 bad | AUC | 等级 grades |",
        "|---|---|---|---|---|---|",
    ]
    for one in found:
        area = "-" if one["auc"] is None else f"{one['auc']:.4f}"
        grades = ", ".join(f"{grade} {share / 10_000:.1%}" for grade, share in one["grades"].items())
        value = str(one["value"]).replace("|", "/")
        lines.append(
            f"| {one['column']} | {value} | {one['rows']} | {one['share_bad']:.2%} | {area} | {grades} |"
        )
    return [*lines, ""]


def _rest(card: Mapping[str, Any]) -> list[str]:
    lines = [
        "",
        "## 指标 / Indicators",
        "",
        "| 指标 indicator | 权重 weight | 越多越差 more is worse |",
        "|---|---|---|",
    ]
    lines += [f"| {one['label']} | {one['weight']} | {one['more_is_worse']} |" for one in card["indicators"]]
    lines += ["", "## 稳定性 / Stability", ""]
    if card["stability"] is None:
        lines.append("无时间列，未测 / No time column, so not measured")
    else:
        lines.append(f"- PSI score {card['stability']['score']:.4f}")
        lines += [f"- PSI {id_} {psi:.4f}" for id_, psi in card["stability"]["indicators"].items()]
    lines += ["", "## 公平与局限 / Fairness and limits", ""]
    lines += _cuts(card.get("cuts", ()))
    lines.append(
        "- 所学为相关而非因果；数据之外的情形不保证 / It learnt what goes together, not what causes what; nothing is "
        "promised for rows unlike these"
    )
    lines += [f"- {one['column']}: {one['zh']} / {one['en']}" for one in card["notes"]]
    versions = ", ".join(f"{name} {number}" for name, number in card["versions"].items())
    return [*lines, "", f"版本 / Versions: {versions}"]


def told(card: Mapping[str, Any]) -> str:
    """Return the card of a written system as Markdown in both languages."""
    seen = (
        "仅监管部门可见 / regulators only"
        if card["regulators_only"]
        else "被评价者可见 / also the one evaluated"
    )
    valid, population, coverage = card["valid"], card["population"], card["coverage"]
    items = ", ".join(f"{one['code']} {_both(one)}" for one in population["items"])
    lines = [
        f"# 模型卡 / Model card: {_both(card['label'])} ({card['system']} {card['version']})",
        "",
        f"- 所有者 / Owner: {_both(card['owner'])}",
        f"- 用途 / Purpose: {card['purpose']}; {seen}",
        f"- 有效期 / Valid: {valid['from']} … {valid['until'] or ''}; {card['lifecycle']}",
        f"- 数值来源 / Where its numbers come from: **{card['status']}**; {card['source']}",
        "- 由专家制定，未经数据学习；分数不是概率 / Written by experts, not learnt: a score is no probability",
        f"- 评价对象 / Who is judged: {_both(population['of'])}; {items or '-'}",
        *(
            f"- 条件 / Only where: `{one}`"
            for one in (population["where"], population["applies_when"])
            if one
        ),
        (
            f"- 数据不足 / Too little data: < {coverage['least'] / 100:g} % of the weight: "
            f"≥ {coverage['else_not_better_than'] or '不评 / no grade'}"
        ),
    ]
    if card["parts"]:
        lines.append(f"- 引用其他体系 / Takes in the results of: {', '.join(card['parts'])}")
    return "\n".join([*lines, *_numbers(card), *_indicators(card), *_rules(card), *_proof(card)]) + "\n"


def _numbers(card: Mapping[str, Any]) -> list[str]:
    lines = [
        "",
        "## 数值有多可靠 / How sure its numbers are",
        "",
        "| 数值 numbers | 状态 status: 个数 how many |",
        "|---|---|",
    ]
    for kind, by in card["numbers"].items():
        lines.append(
            f"| {_KINDS[kind]} | {', '.join(f'{status} {number}' for status, number in by.items())} |"
        )
    return lines


def _indicators(card: Mapping[str, Any]) -> list[str]:
    lines = ["", "## 权重 / Weights", "", "| 指标 | indicator | 权重 weight | 状态 status | 分值 points |"]
    lines.append("|---|---|---|---|---|")
    for group in card["groups"]:
        lines.append(
            f"| **{group['zh']}** | **{group['en']}** | **{group['weight'] / 100:g} %** | {group['status']} | |"
        )
        lines += [
            f"| {one['zh']} | {one['en']} | {one['weight'] / 100:g} % | {one['status']} | {', '.join(one['points'])} |"
            for one in group["indicators"]
        ]
    lines += ["", f"## 输入 / Inputs ({len(card['inputs'])})", ""]
    for one in card["inputs"]:
        of = ", ".join(one["items"]) or one["column"]
        within = f", {one['within']}" if one["within"] else ""
        lines.append(f"- `{one['id']}` {_both(one)}: {of}, {one['take']}{within}")
    return lines


def _rules(card: Mapping[str, Any]) -> list[str]:
    lines = ["", "## 等级 / Grades", ""]
    for one in card["grades"]:
        bound = next((f"{sign} {one[key]}" for key, sign in _BOUNDS if one[key] is not None), "…")
        lines.append(f"- {one['symbol']} {_both(one)}: {bound} ({one['status']})")
    how = card["cut_offs"]
    lines.append(f"- 界限由来 / How the limits were set: {_both(how) if how else '未说明 / not said'}")
    if card["rules"]:
        lines += ["", "## 直接判定、封顶与排除 / Triggers, caps, exclusions", ""]
        lines += [
            f"- {one['kind']} → {one['grade'] or '-'}: {_both(one)} ({one['status']})"
            for one in card["rules"]
        ]
    return lines


def _proof(card: Mapping[str, Any]) -> list[str]:
    lines = ["", "## 实测 / Measured", ""]
    for one in card["measured"]:
        more = [f"KS {one['ks']}"] if one["ks"] else []
        more += [_both(one[key]) for key in ("reads", "note") if one[key]]
        lines.append(
            f"- {_both(one['data'])}; {_both(one['outcome'])}; {one['rows']} rows, {one['share_bad']} bad: "
            f"**AUC {one['auc']}**; {'; '.join([*more, one['source']])}"
        )
    if not card["measured"]:
        lines.append(
            "- 未在有结果的真实数据上检验：使用前须回测 / Not tried on real data with known outcomes: back-test it before "
            "relying on its order"
        )
    lines += ["", "## 局限 / Limits", ""]
    lines += [f"- {_both(one)}" for one in card["limits"]]
    lines.append(
        "- 公平性须按规模、地区、年龄、所有制检查（发布前模拟） / Check it by size, region, age and ownership: the "
        "simulation before publishing does"
    )
    return lines


def _both(text: Mapping[str, Any]) -> str:
    return f"{text['zh']} / {text['en']}"

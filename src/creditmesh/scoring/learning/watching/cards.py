"""Model cards as Markdown in both languages: of learnt systems, and of systems that experts wrote."""

from collections.abc import Mapping, Sequence
from typing import Any

from creditmesh.scoring.definition.loaded import System


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
            f"- AUC {tested['auc']:.4f}, 95 % {tested['auc_interval'][0]:.4f} … {tested['auc_interval'][1]:.4f} (pooled); "
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


def expert(system: System) -> dict[str, Any]:
    """Return the card of any system as plain data: what it reads, how it weighs, where its numbers come from."""
    definition = system.definition
    statuses: dict[str, int] = {}
    for one in definition.indicators:
        status = str(one.status or definition.status)
        statuses[status] = statuses.get(status, 0) + 1
    return {
        "card": 1,
        "system": system.id,
        "version": system.version,
        "label": {"zh": definition.label.zh, "en": definition.label.en},
        "owner": {"zh": definition.owner.zh, "en": definition.owner.en},
        "purpose": str(definition.purpose),
        "status": str(definition.status),
        "source": definition.source,
        "valid": [str(definition.effective_from), str(definition.effective_until or "")],
        "grades": list(definition.symbols),
        "indicators": [
            {"id": one.id, "zh": one.label.zh, "en": one.label.en, "weight": one.weight}
            for one in definition.indicators
        ],
        "groups": {one.id: one.weight for one in definition.groups},
        "triggers": [one.id for one in definition.triggers],
        "caps": [one.id for one in definition.caps],
        "indicators_by_status": statuses,
        "measured": None,
    }


def told(card: Mapping[str, Any]) -> str:
    """Return the card of an expert system as Markdown in both languages."""
    lines = [
        f"# 模型卡 / Model card: {card['label']['zh']} / {card['label']['en']} ({card['system']} {card['version']})",
        "",
        f"- 所有者 / Owner: {card['owner']['zh']} / {card['owner']['en']}",
        f"- 用途 / Purpose: {card['purpose']}; 有效 / valid {' … '.join(card['valid'])}",
        f"- 数值来源 / Where its numbers come from: {card['status']}; {card['source']}",
        "- 由专家制定，未经数据学习；区分能力须回测 / Written by experts, not learnt; back-test it before relying on its ranking",
        f"- 直接判定 / Triggers: {', '.join(card['triggers']) or '-'}; 封顶 / caps: {', '.join(card['caps']) or '-'}",
        f"- 等级 / Grades: {', '.join(card['grades'])}",
        "- 指标数值状态 / Indicators by status: "
        + ", ".join(f"{status} {number}" for status, number in card["indicators_by_status"].items()),
        "",
        "| 指标 | indicator | 权重 weight |",
        "|---|---|---|",
    ]
    lines += [f"| {one['zh']} | {one['en']} | {one['weight']} |" for one in card["indicators"]]
    return "\n".join(lines) + "\n"

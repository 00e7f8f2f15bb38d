"""What an authorisation means, in plain words: shown before signing, and bound into what is signed by its hash."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from creditmesh.apps.sharing.authorisations.rules import Onward, Terms
from creditmesh.catalogue.model import Catalogue, Mode, Text
from creditmesh.catalogue.purposes import EVALUATION, Purpose
from creditmesh.exchange.canonical import sha256

EVALUATION_LABEL = Text(zh="公共信用综合评价结果", en="Public credit evaluation")
MODES = {
    Mode.AUTH: Text(
        zh="查看：金额以区间、日期以月份显示，个人信息遮盖",
        en="see: amounts as bands, dates as months, personal data masked",
    ),
    Mode.VERIFY: Text(
        zh="核验：由机构提出说法，平台只回答是否相符，不提供数值",
        en="verify: the institution states something and is told only whether it is right",
    ),
    Mode.RAW: Text(
        zh="原始明细：未经区间化处理的明细记录",
        en="raw detail: the records themselves, without bands",
    ),
}


@dataclass(frozen=True)
class Paragraph:
    """A heading with what it says; `points` is a list under it."""

    heading: str
    text: str
    points: tuple[str, ...] = ()


def notice(
    terms: Terms,
    *,
    purpose: Purpose,
    catalogue: Catalogue,
    language: str,
    names: Mapping[str, str] | None = None,
) -> tuple[Paragraph, ...]:
    """Return the notice in Chinese or English; `names` are those of the branches, by code."""
    chinese = language.lower().startswith("zh")
    named = [branch(one, names=names or {}, language=language) for one in terms.grantee.branches]
    words = _chinese(terms, purpose, named) if chinese else _english(terms, purpose, named)
    points = tuple(item_label(one, catalogue=catalogue, language=language) for one in terms.items)
    modes = tuple(MODES[one].in_language(language) for one in terms.modes)
    lists = {"what": points, "how": modes}
    return tuple(Paragraph(heading, text, lists.get(key, ())) for key, heading, text in words)


def plain(paragraphs: tuple[Paragraph, ...]) -> str:
    """Return the notice as text: what the hash in the signed document is taken of."""
    lines = []
    for one in paragraphs:
        lines += [one.heading, one.text, *(f"- {point}" for point in one.points)]
    return "\n".join(lines)


def with_notice(
    terms: Terms, *, purpose: Purpose, catalogue: Catalogue, names: Mapping[str, str] | None = None
) -> tuple[Terms, str]:
    """Return the terms bound to their Chinese notice, and the notice; `names` are those of the branches, by code."""
    text = plain(notice(terms, purpose=purpose, catalogue=catalogue, language="zh", names=names))
    return terms.model_copy(update={"notice_text_hash": sha256(text.encode())}), text


def branch(code: str, *, names: Mapping[str, str], language: str) -> str:
    """Return what a branch is called, with its code: a code alone tells nobody who it is."""
    name = names.get(code)
    if not name:
        return code
    return f"{name} ({code})" if language == "en" else f"{name}（{code}）"


def item_label(code: str, *, catalogue: Catalogue, language: str) -> str:
    """Return what an item is called; its code when the catalogue no longer has it."""
    if code == EVALUATION:
        return EVALUATION_LABEL.in_language(language)
    item = catalogue.items.get(code)
    if item is None:
        return code
    label = item.label.in_language(language)
    return f"{label} ({code})" if language == "en" else f"{label}（{code}）"


def _chinese(terms: Terms, purpose: Purpose, named: Sequence[str]) -> list[tuple[str, str, str]]:
    branches = f"，以及其分支机构 {'、'.join(named)}，" if named else ""
    onward = (
        f"只可转交给：{'、'.join(terms.onward_to)}。"
        if terms.onward_transfer == Onward.NAMED
        else "不得转交任何第三方。"
    )
    joint = "可用于约定的联合建模。" if terms.joint_modelling else "不得用于联合建模。"
    until = f"至 {terms.data_to}" if terms.data_to else "起，直至每次查询当日"
    return [
        (
            "who",
            "谁可以查询",
            (
                f"{terms.authoriser.name}（{terms.authoriser.code}）允许{terms.grantee.name}（{terms.grantee.code}）"
                f"{branches}查询本企业的信息。由{terms.handler.name}代表企业办理。"
            ),
        ),
        ("why", "用来做什么", f"{purpose.label.zh}。{purpose.notice.zh}{_stated(terms, chinese=True)}"),
        ("what", "可以查询哪些信息", f"共 {len(terms.items)} 项，信息时间为 {terms.data_from} {until}："),
        ("how", "以什么方式", "只限下列方式："),
        (
            "long",
            "多长时间、多少次",
            f"自 {terms.valid_from} 至 {terms.valid_to}（含首尾两日），总共不超过 {terms.max_queries} 次，"
            f"每天不超过 {terms.per_day} 次。" + ("贷款结清后提前终止。" if terms.needs_loan else ""),
        ),
        (
            "not",
            "不提供什么",
            "上面没有列出的信息一律不提供。监管部门使用的企业信用风险分类任何时候都不提供给金融机构。",
        ),
        (
            "personal",
            "其中的个人信息",
            "法定代表人、股东等个人的信息默认遮盖；只有本人另行单独同意，才会显示。企业的授权不能代替本人同意。",
        ),
        (
            "after",
            "用完之后",
            f"授权终止后最多再保存 {terms.retention_after_end_months} 个月，然后删除。{onward}{joint}",
        ),
        (
            "end",
            "怎样撤回",
            "在本平台的“授权管理”页面可以随时一键撤回，立即生效，正在进行的查询也会被拒绝；撤回之前已经完成的查询仍然合法有效。",
        ),
    ]


def _english(terms: Terms, purpose: Purpose, named: Sequence[str]) -> list[tuple[str, str, str]]:
    branches = f" and its branches {', '.join(named)}" if named else ""
    onward = (
        f"It may be passed on only to: {', '.join(terms.onward_to)}. "
        if terms.onward_transfer == Onward.NAMED
        else "It may not be passed on to anybody. "
    )
    joint = (
        "It may be used for the joint modelling agreed upon."
        if terms.joint_modelling
        else "It may not be used for joint modelling."
    )
    until = f"to {terms.data_to}" if terms.data_to else "to the day of each inquiry"
    return [
        (
            "who",
            "Who may ask",
            (
                f"{terms.authoriser.name} ({terms.authoriser.code}) allows {terms.grantee.name} "
                f"({terms.grantee.code}){branches} to ask about the enterprise. {terms.handler.name} acts for it."
            ),
        ),
        ("why", "What for", f"{purpose.label.en}. {purpose.notice.en}{_stated(terms, chinese=False)}"),
        ("what", "Which information", f"{len(terms.items)} items, from {terms.data_from} {until}:"),
        ("how", "In which way", "Only in these ways:"),
        (
            "long",
            "How long and how often",
            f"From {terms.valid_from} to {terms.valid_to}, both days included; at most {terms.max_queries} "
            f"times altogether and {terms.per_day} times a day."
            + (" It ends earlier when the loan is settled." if terms.needs_loan else ""),
        ),
        (
            "not",
            "What is not given",
            (
                "Nothing that is not listed above. The risk class that supervisors use is never given to "
                "financial institutions."
            ),
        ),
        (
            "personal",
            "Personal data among it",
            (
                "Data of persons, such as the legal representative and shareholders, stay masked unless the person "
                "consents separately; the enterprise's authorisation does not replace that."
            ),
        ),
        (
            "after",
            "Afterwards",
            (
                f"Kept for at most {terms.retention_after_end_months} months after the end, then deleted. "
                f"{onward}{joint}"
            ),
        ),
        (
            "end",
            "How to withdraw",
            (
                "On the page “Authorisations” of this platform, at any time, with one click, at once: even an "
                "inquiry under way is refused. Inquiries completed before stay lawful."
            ),
        ),
    ]


def _stated(terms: Terms, *, chinese: bool) -> str:
    named = (
        ("说明", "Stated reason", terms.purpose_text),
        ("产品", "Product", terms.product),
        ("业务编号", "Reference", terms.reference),
    )
    if chinese:
        return "".join(f"{zh}：{said}。" for zh, _, said in named if said)
    return "".join(f" {en}: {said}." for _, en, said in named if said)

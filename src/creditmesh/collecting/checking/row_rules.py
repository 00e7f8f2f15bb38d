"""What can be wrong with a row as a whole."""

from creditmesh.collecting.checking.verdict import Words

NO_KEY = Words(
    "key-missing",
    "记录主键的各栏都为空，无法区分这条记录；请补充。",
    "Every column of the record key is empty, so the record cannot be told from others; fill them in.",
)
NO_SUBJECT = Words(
    "no-subject",
    "既没有统一社会信用代码，也没有名称和注册号，不知道是谁的记录；请补充。",
    "Neither a credit code nor a name and registration number is stated, so nobody knows whom the row is "
    "about; fill one in.",
)
KEY_CONFLICT = Words(
    "key-conflict",
    "与本文件前面一行的主键相同而内容不同；请核对哪一行是对的。",
    "An earlier row of this file has the same record key and other contents; check which is right.",
)
_FAULTS = {
    "row-short": (
        "本行只有{}栏，少于标题行；请检查是否漏了分隔符。",
        "The row has only {} cells, fewer than the headings; check for a missing separator.",
    ),
    "row-long": (
        "本行有{}栏，多于标题行；含逗号的内容请加双引号。",
        "The row has {} cells, more than the headings; put quotation marks around text with commas.",
    ),
    "row-quotes": (
        "本行的双引号使用有误，无法分栏；内容中的双引号请写两次。",
        "The quotation marks of the row are wrong, so it cannot be split; double those within text.",
    ),
    "row-json": (
        "本行不是JSON对象；每行须为一个完整的对象。",
        "The line is no JSON object; every line must be one whole object.",
    ),
    "row-nested": (
        "“{}”的值是嵌套结构，请改为单个值。",
        "The value of {!r} is nested; write a single value.",
    ),
}


def fault_words(fault: str | None) -> Words:
    """Return the words for a fault of shape such as `row-short:3`."""
    rule, _, detail = (fault or "").partition(":")
    zh, en = _FAULTS[rule]
    return Words(rule, zh.format(detail), en.format(detail))

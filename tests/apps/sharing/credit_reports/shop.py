"""An enterprise with good and bad records, an evaluation, and the days around today."""

from datetime import date, timedelta
from typing import Any

from tests.apps.sharing.disclosure.county import EAST, hold

NAME = "青禾县东兴食品加工有限公司"
HOSTILE = '"><script>alert(1)</script><img src=file:///etc/passwd><svg onload=alert(2)>'
EVALUATION: dict[str, Any] = {
    "system": "public-credit",
    "version": "2026.1",
    "label": {"zh": "企业公共信用综合评价", "en": "Public credit evaluation of enterprises"},
    "owner": {"zh": "牵头部门", "en": "Lead department"},
    "status": "default",
    "source": "defaults",
    "run": "1",
    "as_of": "2026-10-31",
    "rule_pack": "cn@2026.1",
    "name": NAME,
    "outcome": "graded",
    "grade": "良",
    "grade_label": {"zh": "信用良", "en": "Good"},
    "score": 712_300,
    "scale": 1000,
    "coverage": 10_000,
    "short_of": [],
    "grades": [
        {"symbol": "优", "label": {"zh": "信用优", "en": "Excellent"}, "at_least": 850, "status": "default"},
        {"symbol": "良", "label": {"zh": "信用良", "en": "Good"}, "at_least": 700, "status": "default"},
        {"symbol": "中", "label": {"zh": "信用中", "en": "Fair"}, "at_least": 550, "status": "default"},
        {"symbol": "差", "label": {"zh": "信用差", "en": "Poor"}, "at_least": 0, "status": "default"},
    ],
    "groups": [
        {
            "id": "law",
            "label": {"zh": "遵纪守法", "en": "Keeping the law"},
            "weight": 4500,
            "points": 900_000,
            "contribution": 405_000,
            "status": "default",
            "parts": [
                {
                    "id": "courts",
                    "label": {"zh": "司法裁决", "en": "Court decisions"},
                    "weight": 3000,
                    "points": None,
                    "contribution": 0,
                    "status": "default",
                    "parts": [],
                }
            ],
        }
    ],
    "decided": [],
    "reasons": [
        {
            "label": {"zh": "欠税", "en": "Tax arrears"},
            "sentence": {"zh": "欠税一百元", "en": "Tax arrears of a hundred"},
            "improve": {"zh": "缴清欠税", "en": "Pay the arrears"},
        }
    ],
    "history": [
        {"as_of": "2026-07-31", "outcome": "graded", "grade": "中", "score": 650_000},
        {"as_of": "2026-10-31", "outcome": "graded", "grade": "良", "score": 712_300},
    ],
}


def registered(subject: str = EAST, **changes: Any) -> None:
    """Register the enterprise."""
    values = {
        "uscc": subject,
        "name": NAME,
        "entity_type": "limited_company",
        "status": "active",
        "legal_representative": "欧阳修文",
        "established_on": "2012-03-04",
        "registered_capital": 50_000_000,
        "industry": "C1310",
        "region": "990121",
        **changes,
    }
    hold("ENT-01", [(subject, subject, date(2012, 3, 4), values)], source="samr")


def penalty(key: str, day: date, **changes: Any) -> tuple[str, str, date, dict[str, Any]]:
    """Return a penalty of the enterprise."""
    values = {
        "uscc": EAST,
        "decision_number": key,
        "penalty_kind": "fine",
        "violation_type": "标签不合格",
        "fine": 1_000_000,
        "seriousness": "general",
        "decided_on": day.isoformat(),
        "status": "valid",
        "authority_name": "青禾县市场监督管理局",
        **changes,
    }
    return EAST, key, day, values


def stocked(today: date) -> None:
    """Lay in what the report is to show, and what it must not."""
    registered()
    hold(
        "PEN-01",
        [
            penalty("罚字1号", today - timedelta(days=40)),
            penalty("期满2号", today - timedelta(days=500)),
            penalty("修复3号", today - timedelta(days=41), status="repaired"),
        ],
        source="samr",
    )
    honour = {
        "uscc": EAST,
        "document_number": "H1",
        "title": "守合同重信用企业",
        "honour_kind": "contract_keeping",
        "awarded_on": (today - timedelta(days=90)).isoformat(),
    }
    hold("HON-01", [(EAST, "H1", today - timedelta(days=90), honour)], source="samr")
    complaint = {"uscc": EAST, "complaint_number": "投诉9号", "complaint_kind": "complaint"}
    hold("CMP-01", [(EAST, "投诉9号", today - timedelta(days=5), complaint)], source="samr")

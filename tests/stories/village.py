"""What a story needs: people who sign in at the front door, files as departments make them, and a worker."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from creditmesh.kernel import uscc
from creditmesh.web.serving.worker import NodeWorker, pass_on_news

API = "/api/v1"
PASSWORD = "a long and unlikely sentence"
LATELY = datetime.now(UTC).date() - timedelta(days=200)  # what is open today ends a year after it was decided
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}
REGISTRATION = {
    "统一社会信用代码": "",
    "名称": "",
    "注册号": "",
    "企业类型": "有限责任公司",
    "成立日期": "2015-06-01",
    "登记区划": "990121001",
    "住所": "",
    "行业代码": "C1391",
    "注册资本": "100",
    "企业状态": "存续",
}
PENALTY = {
    "CF_XDR_MC": "",
    "CF_XDR_SHXYM": "",
    "CF_XDR_GSZC": "",
    "CF_WSH": "",
    "CF_CFLB": "罚款",
    "CF_NR_FK": "1.2",
    "CF_JDRQ": f"{LATELY}",
    "CF_CFJG": "青禾县市场监督管理局",
    "CF_SY": "",
}
LISTING = {
    "listing_number": "",
    "name": "",
    "uscc": "",
    "list_kind": "市场监督管理严重违法失信名单",
    "listed_on": f"{LATELY}",
    "authority_name": "青禾县市场监督管理局",
}


def code(number: int) -> str:
    """Return the valid code of the village's enterprise of that number."""
    body = f"91990121{number:09d}"
    return body + uscc.check_character(body)


def name(number: int) -> str:
    """Return what that enterprise is called."""
    return f"青禾县第{number}面粉有限公司"


def registration(number: int, **other: str) -> dict[str, str]:
    """Return a row of the registry about an enterprise."""
    mine = {"统一社会信用代码": code(number), "名称": name(number), "住所": f"青禾县大街{number}号"}
    return {**REGISTRATION, **mine, **other}


def penalty(number: int, decision: str, **other: str) -> dict[str, str]:
    """Return a row about a penalty of an enterprise."""
    return {
        **PENALTY,
        "CF_XDR_MC": name(number),
        "CF_XDR_SHXYM": code(number),
        "CF_WSH": f"青市监处罚〔2026〕{decision}号",
        **other,
    }


def listing(number: int, **other: str) -> dict[str, str]:
    """Return a row that puts an enterprise on the list of serious violations."""
    return {**LISTING, "listing_number": f"L{number}", "name": name(number), "uscc": code(number), **other}


def csv_file(rows: Sequence[Mapping[str, str]], *, encoding: str = "utf-8") -> bytes:
    """Return the rows as a department's system writes them."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def rows_of(content: bytes) -> list[dict[str, str]]:
    """Return the rows of a file the node handed out."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read(answer: Any) -> bytes:
    """Return everything an answer says."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def sign_in(username: str, *, english: bool = True) -> Client:
    """Return a browser in which somebody has signed in with the password."""
    browser = Client(headers={"Accept-Language": "en" if english else "zh"})
    answer = browser.post("/accounts/login/", {"login": username, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    return browser


def upload(browser: Client, *, item: str, source: str, content: bytes, filename: str = "file.csv") -> Any:
    """Hand in a file by the page and return the answer."""
    file = SimpleUploadedFile(filename, content, content_type="text/csv")
    return browser.post("/batches/new/", {"item": item, "source": source, "file": file})


def work() -> int:
    """Let one worker do everything that waits, in this process; return how many tasks it did."""
    inner = NodeWorker(lease=timedelta(minutes=1), batch=True)._worker
    done = 0
    while True:
        pass_on_news()
        waiting = list(DBTaskResult.objects.ready())
        if not waiting:
            return done
        for task in waiting:
            task.claim(inner.worker_id)
            inner.run_task(task)
            task.refresh_from_db()
            assert task.status == TaskResultStatus.SUCCESSFUL, task.traceback
            done += 1

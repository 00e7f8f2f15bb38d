"""Evidence is what its content says, lies out of reach, and is opened by the operator alone."""

import hashlib
import io
import json
import struct
import zipfile
import zlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.apps.members.enterprises.conftest import PDF

from creditmesh.apps.ground.audit import queries as ledger
from creditmesh.apps.ground.audit.models import Entry
from creditmesh.apps.ground.parties.rules import NotPermitted
from creditmesh.apps.members.enterprises import file_kinds, stored_files
from creditmesh.apps.members.enterprises.file_kinds import MediaType, UnfitFile, document_in
from creditmesh.apps.members.enterprises.models import Evidence
from creditmesh.apps.members.enterprises.operations import evidence, registering
from creditmesh.apps.members.enterprises.rules import Capacity


def picture(form, **more):
    out = io.BytesIO()
    Image.new("RGB", (37, 21), (200, 30, 30)).save(out, form, **more)
    return out.getvalue()


def archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        zipped.writestr("evil.html", "<script>alert(1)</script>")
    return out.getvalue()


def pdf(body):
    return PDF.replace(b"<< /Type /Catalog >>", body)


JPEG, PNG = picture("JPEG"), picture("PNG")


class TestADocument:
    @pytest.mark.parametrize(
        ("content", "kind"),
        [
            (PDF, MediaType.PDF),
            (JPEG, MediaType.JPEG),
            (picture("JPEG", progressive=True), MediaType.JPEG),
            (PNG, MediaType.PNG),
        ],
        ids=["pdf", "jpeg", "progressive", "png"],
    )
    def test_is_known_by_its_content_and_kept_whole(self, content, kind):
        found = document_in(content)
        assert (found.media_type, found.content) == (kind, content)

    @pytest.mark.parametrize("content", [JPEG, PNG], ids=["jpeg", "png"])
    @pytest.mark.parametrize(
        "tail", [archive(), b"<script>alert(1)</script>", JPEG], ids=["zip", "html", "again"]
    )
    def test_that_is_a_picture_loses_what_hangs_behind_it(self, content, tail):
        assert document_in(content + tail).content == content

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"GIF89a" + b"\0" * 50,
            b"<html><script>alert(1)</script></html>",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            archive(),
            b"MZ" + b"\0" * 200,
            b" " + PDF,
            archive() + PDF,
            JPEG[:-2],
            JPEG[:200],
            b"\xff\xd8\xff\xd9",
            b"\xff\xd8\xff\xe0\x00\x01",
            b"\xff\xd8\xff\xc0\x00\x04\x00\x00\xff\xd9",
            PNG[:-8],
            PNG[:60] + b"\0" + PNG[61:],
            PNG[:8] + PNG[-12:],
            PDF[:-8],
            pdf(b"<< /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>"),
            pdf(b"<< /S /J#61vaScript >>"),
            pdf(b"<< /S /Launch /F (cmd.exe) >>"),
            pdf(b"<< /Names << /EmbeddedFiles 3 0 R >> >>"),
            PDF + archive() + b"%%EOF",
        ],
    )
    def test_is_refused_when_it_is_none_or_more_than_that(self, content):
        with pytest.raises(UnfitFile):
            document_in(content)

    def test_does_not_hide_a_script_in_a_packed_part(self):
        hidden = zlib.compress(b"1 0 << /S /JavaScript >>")
        stream = b"<< /Type /ObjStm /Length %d >>\nstream\n%s\nendstream" % (len(hidden), hidden)
        with pytest.raises(UnfitFile, match="script"):
            document_in(pdf(stream))

    def test_may_have_packed_parts_that_do_nothing_or_are_no_parts(self):
        for packed in (zlib.compress(b"1 0 << /Type /Page >>"), b"not packed at all"):
            content = pdf(b"<< /Type /ObjStm >>\nstream\n" + packed + b"\nendstream")
            assert document_in(content).content == content

    def test_does_not_unpack_without_end(self):
        bomb = zlib.compress(b"\0" * (file_kinds._UNPACKED + 1))
        with pytest.raises(UnfitFile, match="unpacks"):
            document_in(pdf(b"<< /Type /ObjStm >>\nstream\n" + bomb + b"\nendstream"))

    def test_is_no_picture_of_a_million_pixels_a_side(self):
        head = struct.pack(">II5B", 1_000_000, 10, 8, 2, 0, 0, 0)
        chunk = struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
        with pytest.raises(UnfitFile, match="pixels"):
            document_in(PNG[:8] + chunk + PNG[33:])

    def test_is_no_picture_whose_header_has_another_length(self):
        chunk = struct.pack(">I", 1) + b"IHDR\0" + struct.pack(">I", zlib.crc32(b"IHDR\0"))
        with pytest.raises(UnfitFile):
            document_in(PNG[:8] + chunk + PNG[33:])

    @given(st.sampled_from([JPEG, PNG, PDF]), st.data())
    def test_that_is_broken_anywhere_is_refused_or_read_and_never_a_crash(self, content, data):
        place = data.draw(st.integers(0, len(content) - 1))
        cut = data.draw(st.booleans())
        broken = (
            content[:place] if cut else content[:place] + data.draw(st.binary(max_size=9)) + content[place:]
        )
        try:
            found = document_in(broken)
        except UnfitFile:
            return
        assert broken.startswith(found.content)


@pytest.mark.django_db
class TestAFile:
    @pytest.fixture
    def handler(self, office):
        return office.account("handler", "李代办")

    @pytest.fixture
    def draft(self, office, handler):
        return office.claim(handler, capacity=Capacity.LEGAL_REPRESENTATIVE, submit=False)

    def test_lies_under_a_name_of_ours_readable_by_the_node_alone(self, office, handler, draft):
        uuid = office.attach(draft, handler, filename="../../../etc/passwd\x00<b>.pdf")
        row = Evidence.objects.get()
        path = evidence.path_of(uuid, home=office.node.home)
        assert path.read_bytes() == PDF
        assert path.parent.parent == office.node.home / "evidence"
        assert path.stat().st_mode & 0o077 == 0
        assert row.filename == "passwd<b>.pdf"
        entry = Entry.objects.get(act="evidence.attach")
        assert json.loads(entry.details)["sha256"] == row.sha256 == hashlib.sha256(PDF).hexdigest()

    def test_larger_than_allowed_leaves_nothing_behind(self, office, handler, draft):
        with pytest.raises(stored_files.EvidenceTooLarge):
            office.attach(draft, handler, content=PDF + b" " * file_kinds.LARGEST)
        assert kept(office) == []

    def test_beyond_the_fourth_leaves_nothing_behind(self, office, handler, draft):
        for _ in range(evidence.MOST_FILES):
            office.attach(draft, handler)
        with pytest.raises(evidence.TooMuchEvidence):
            office.attach(draft, handler)
        assert len(kept(office)) == evidence.MOST_FILES

    def test_is_removed_by_its_owner_while_it_is_a_draft(self, office, handler, draft):
        uuid = office.attach(draft, handler)
        stranger = office.account("stranger", "王五")
        with pytest.raises(evidence.UnknownEvidence):
            evidence.remove(uuid, by=stranger, node=office.node, at=office.at)
        evidence.remove(uuid, by=handler, node=office.node, at=office.at)
        assert kept(office) == []

    def test_of_a_claim_handed_in_stays(self, office, handler, draft):
        uuid = office.attach(draft, handler)
        registering.submit(draft, by=handler, node=office.node, at=office.at)
        with pytest.raises(evidence.UnknownEvidence):
            evidence.remove(uuid, by=handler, node=office.node, at=office.at)

    def test_is_opened_by_the_operator_alone_and_that_is_written_down(self, office, handler, draft):
        uuid = office.attach(draft, handler, content=JPEG, filename="x.exe")
        with pytest.raises(NotPermitted):
            evidence.open_for_review(uuid, by=handler, node=office.node, at=office.at)
        opened = evidence.open_for_review(uuid, by=office.operator, node=office.node, at=office.at)
        assert opened.filename == f"evidence-{str(uuid)[:8]}.jpg"
        assert ledger.ledger_page().lines[0].act == "evidence.open"

    def test_of_a_claim_that_is_over_goes_after_its_keeping(self, office, handler, draft):
        uuid = office.attach(draft, handler)
        other = office.account("other", "王五")
        waiting = office.claim(other, submit=False)
        office.attach(waiting, other)
        registering.submit(waiting, by=other, node=office.node, at=office.at)
        late = office.at + timedelta(days=3 * 366 + 2)

        assert evidence.expire(node=office.node, at=office.at + timedelta(days=3 * 364)) == 0
        assert evidence.expire(node=office.node, at=late) == 1
        assert not evidence.path_of(uuid, home=office.node.home).exists()
        assert len(kept(office)) == Evidence.objects.count() == 1
        assert ledger.ledger_page().lines[0].act == "evidence.expire"

    def test_that_is_gone_is_unknown(self, office, handler, draft):
        uuid = office.attach(draft, handler)
        evidence.path_of(uuid, home=office.node.home).unlink()
        with pytest.raises(evidence.UnknownEvidence):
            evidence.open_for_review(uuid, by=office.operator, node=office.node, at=office.at)


def kept(office):
    return [path for path in (office.node.home / "evidence").rglob("*") if path.is_file()]

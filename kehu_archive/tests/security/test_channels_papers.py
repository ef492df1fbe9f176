"""Papers of an archive: by their address, by their name, packed, copied, mailed; also for who uploaded them (R-DSC-02, R-DSC-04)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import frappe
import pytest

from kehu_archive.domain import roles
from kehu_archive.tests import factories
from kehu_archive.tests.security import leaks
from kehu_archive.tests.security.conftest import Visitor
from kehu_archive.tests.security.leaks import Target

Visit = Callable[[str | None], Visitor]


def _downloads(target: Target) -> int:
	frappe.db.rollback()
	return frappe.db.count("Access Log Entry", {"action": "Download", "archive": target.archive})


def test_a_paper_is_handed_out_with_its_archive_and_recorded(visit: Visit, target: Target) -> None:
	for road in (
		lambda visitor: visitor.get(target.paper_url),
		lambda visitor: visitor.get("/api/method/frappe.handler.download_file", file_url=target.paper_url),
		lambda visitor: visitor.get("/api/method/download_file", file_url=target.paper_url),
	):
		before = _downloads(target)
		answer = road(visit(leaks.INSIDER))
		assert f"{target.mark}文" in answer.content.decode("utf-8", "replace"), answer.text[:300]
		assert _downloads(target) == before + 1
		for outsider in leaks.OUTSIDERS:
			answer = road(visit(outsider))
			assert answer.status_code >= 400
			assert target.mark not in answer.content.decode("utf-8", "replace"), outsider
		assert _downloads(target) == before + 1


@pytest.mark.parametrize("outsider", leaks.OUTSIDERS)
def test_a_hidden_paper_is_as_a_missing_one(visit: Visit, target: Target, outsider: str | None) -> None:
	missing = target.paper_url.replace(".txt", "x.txt")
	answers = [visit(outsider).get(address) for address in (target.paper_url, missing)]
	assert answers[0].status_code == answers[1].status_code == 403
	assert leaks.shape(answers[0], target.paper_url)[0] == leaks.shape(answers[1], missing)[0]
	assert answers[0].text.replace(target.paper_url, "") == answers[1].text.replace(missing, "")


def test_packing_and_unpacking(visit: Visit, target: Target) -> None:
	call = "frappe.core.api.file.zip_files"
	for files in ([target.paper], [{"name": target.paper}]):
		packed = visit(leaks.INSIDER).call(call, files=json.dumps(files))
		if isinstance(files[0], str):
			assert packed.content[:2] == b"PK", packed.text[:300]
		for outsider in leaks.OUTSIDERS:
			answer = visit(outsider).call(call, files=json.dumps(files))
			assert answer.content[:2] != b"PK", outsider
	for outsider in leaks.OUTSIDERS:
		assert visit(outsider).call("frappe.core.api.file.unzip_file", name=target.paper).status_code >= 400


@pytest.mark.parametrize(
	"address",
	[
		"{url}",
		"/private/files/./{base}",
		"/private/files/../files/{base}",
		"/private/files/%2e/{base}",
		"private/files/{base}",
	],
)
def test_a_paper_is_not_copied_by_its_address(visit: Visit, target: Target, address: str) -> None:
	"""The framework reads the content of whatever file an address leads to."""
	taken = address.format(url=target.paper_url, base=target.paper_url.rsplit("/", 1)[-1])
	for outsider in leaks.OUTSIDERS:
		visitor = visit(outsider)
		for answer in (
			visitor.post("/api/resource/File", {"file_url": taken, "is_private": 1, "file_name": "copy.txt"}),
			visitor.call("upload_file", file_url=taken, is_private=1, file_name="copy.txt"),
			visitor.call(
				"frappe.client.insert",
				doc=json.dumps({"doctype": "File", "file_url": taken, "is_private": 1}),
			),
		):
			assert answer.status_code >= 400, (outsider, answer.text[:300])
	frappe.db.rollback()
	copies = frappe.get_all(
		"File", filters={"file_url": ("like", f"%{target.mark}%"), "name": ("!=", target.paper)}
	)
	assert not copies


def test_a_file_of_ones_own_is_not_turned_into_a_paper(visit: Visit, target: Target) -> None:
	stranger = visit(leaks.STRANGER)
	own = stranger.post("/api/resource/File", {"file_name": "own.txt", "content": "own", "is_private": 1})
	assert own.status_code == 200, own.text
	name = own.json()["data"]["name"]
	assert stranger.put(f"/api/resource/File/{name}", {"file_url": target.paper_url}).status_code >= 400
	moved = stranger.put(
		f"/api/resource/File/{name}",
		{"attached_to_doctype": "Customer Archive", "attached_to_name": target.archive},
	)
	assert moved.status_code >= 400
	assert stranger.get(own.json()["data"]["file_url"]).text == "own"


def test_a_paper_is_not_mailed_by_its_name(visit: Visit, target: Target) -> None:
	for attachments in (
		[target.paper],
		[target.paper_url],
		[{"fid": target.paper}],
		[{"file_url": target.paper_url}],
	):
		answer = visit(leaks.STRANGER).call(
			"frappe.core.doctype.communication.email.make",
			recipients="a@b.c",
			content="x",
			subject="x",
			send_email=0,
			attachments=json.dumps(attachments),
		)
		assert answer.status_code >= 400, answer.text[:300]


def test_who_uploaded_a_paper_loses_it_with_the_archive(
	visit: Visit, people: factories.People, db: Any
) -> None:
	"""R-SEC-09: the framework lets an uploader read his file for ever."""
	with factories.acting(people[roles.SALESPERSON]):
		archive = factories.make_archive().name
	factories.advance(archive, people)
	frappe.db.commit()
	visitor = visit(leaks.INSIDER)
	upload = visitor.session.post(
		f"{visitor.base_url}/api/method/upload_file",
		data={"doctype": "Customer Archive", "docname": archive, "is_private": 1},
		files={"file": (f"{archive}.txt", f"papers of {archive}".encode())},
		timeout=60,
	)
	assert upload.status_code == 200, upload.text
	paper = upload.json()["message"]
	assert archive in visitor.get(paper["file_url"]).text
	frappe.set_user("Administrator")
	other = factories.ensure_department(leaks.ELSEWHERE)
	frappe.db.set_value(
		"Customer Archive", archive, {"department": other, "responsible": people[roles.GENERAL_MANAGER]}
	)
	frappe.db.commit()
	assert visitor.get(paper["file_url"]).status_code == 403
	assert visitor.get(f"/api/resource/File/{paper['name']}").status_code >= 400
	listed = visitor.call("frappe.client.get_list", doctype="File", fields=["name"], limit_page_length=0)
	assert paper["name"] not in listed.text

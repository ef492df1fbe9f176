"""The printed forms, the borrowing register, and that no road around the check is left open.

R-ACC-13, R-SEC-02, R-DSC-07, R-OUT-06; forms F-07, F-24, F-25, F-29.
"""

from __future__ import annotations

import importlib
import io
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import frappe
import pytest
import requests
from frappe.model.base_document import get_controller
from frappe.www.printview import get_rendered_template
from pypdf import PdfReader

from kehu_archive.domain import roles
from kehu_archive.exceptions import AccessDeniedError, ArchiveError
from kehu_archive.kehu_archive.report.borrowing_register import borrowing_register as register
from kehu_archive.permissions import registry
from kehu_archive.printing import checks, forms, marks
from kehu_archive.tests import factories, papers

BORROWING = "Archive Borrowing"
#: The columns of each form, word for word and in the regulations' order.
F_07 = (
	"借阅编号",
	"申请日期",
	"申请人",
	"部门/职级",
	"档案编号/题名",
	"密级/客户等级",
	"查阅目的",
	"方式",
	"复印份数/页码范围",
	"申请借期(应还日期)",
	"部门负责人意见/签字",
	"客户服务部意见/签字",
	"营销总监/物业经理/总经理批准",
	"批准日期",
	"借出时间",
	"经办人(档案管理员)",
	"页数/份数清点",
	"借阅人签字",
	"归还时间",
	"页数核对/状况",
	"接收人签字",
	"是否逾期/天数",
	"备注(续借、催还)",
)
F_24 = (
	"上报部门/日期",
	"数据范围/档案",
	"拟定密级",
	"保密期限/知悉范围",
	"客户服务部意见",
	"公司领导批准",
	"返回日期",
)
F_25 = (
	"申请人/部门",
	"对外单位/用途",
	"资料清单/份数",
	"含个人信息及单独同意证据",
	"部门负责人批准",
	"营销总监批准",
	"提供日期/接收方签收",
)
F_29 = (
	"类型",
	"当事人/主管",
	"事实与证据",
	"造成损失金额",
	"处罚口径与金额",
	"补充(补档)期限",
	"制度条款",
	"审批/申诉",
)
#: DocType, print format, title, columns, and what must stand in the filled-in form.
FORMS = {
	"F-07": (
		BORROWING,
		"Borrowing Application",
		"档案借阅申请单",
		F_07,
		("☑复印", "□带出", "☑回访", "☑当日归还", "同意查阅", "已登记", "轻拿轻放", "☑完好", "☑已逾期"),
	),
	"F-24": (
		"Classification Request",
		"Classification Approval",
		"密级界定审批单",
		F_24,
		("☑核心商密", "□普通商密", "5年", "合同与报价", "建议定为核心商密", "同意定密", "2026-11-04"),
	),
	"F-25": (
		"Disclosure Request",
		"Disclosure Approval",
		"对外提供客户资料审批单",
		F_25,
		(
			"某会计师事务所",
			"合同复印件",
			"☑含个人信息",
			"☑已取得单独同意",
			"限审计使用",
			"发放人签字",
			"接收方签字",
			"赵会计",
		),
	),
	"F-29": (
		"Violation",
		"Violation Record",
		"违规处理单",
		F_29,
		("借出后遗失", "1,234.50", "200.00", "保密管理制度5.2.2", "不申诉", "当事人签字"),
	),
}


#: Radicals that the PDF engine writes in place of the characters they look like, and Unicode does not fold.
LOOK_ALIKES = str.maketrans("⻔⻚⻅⻓⻋戶", "门页见长车户")


def plain(text: str) -> str:
	"""Without spaces and line breaks, look-alikes made one."""
	return "".join(unicodedata.normalize("NFKC", text).translate(LOOK_ALIKES).split())


@pytest.fixture(scope="module")
def filled(site: str, people: factories.People) -> Iterator[dict[str, str]]:
	"""One filled-in paper of each form, committed for the web server; taken out again."""
	frappe.db.rollback()
	frappe.set_user("Administrator")
	archive = factories.make_archive().name
	salesman, keeper = people[roles.SALESPERSON], people[roles.CUSTOMER_SERVICE_MANAGER]
	found = {
		BORROWING: papers.borrowing(salesman, archive),
		"Classification Request": papers.classification(archive, keeper),
		"Disclosure Request": papers.disclosure(archive, keeper),
		"Violation": papers.violation(archive, keeper),
	}
	frappe.db.commit()
	yield found
	frappe.db.rollback()
	papers.remove({doctype: [name] for doctype, name in found.items()})


@pytest.fixture(scope="module")
def keeper(base_url: str, people: factories.People) -> requests.Session:
	"""The customer service manager's session."""
	session = requests.Session()
	session.headers["Accept"] = "application/json"
	answer = session.post(
		f"{base_url}/api/method/login",
		data={"usr": people[roles.CUSTOMER_SERVICE_MANAGER], "pwd": factories.PASSWORD},
		timeout=30,
	)
	assert answer.status_code == 200, answer.text
	return session


@pytest.mark.parametrize("form", FORMS)
def test_a_form_prints_every_column_in_the_regulations_order(
	form: str, filled: dict[str, str], keeper: requests.Session, base_url: str
) -> None:
	"""Through the real PDF engine: each column's words are text of the page, A4, one after the other."""
	doctype, print_format, title, columns, contents = FORMS[form]
	answer = keeper.get(
		f"{base_url}/api/method/frappe.utils.print_format.download_pdf",
		params={"doctype": doctype, "name": filled[doctype], "format": print_format},
		timeout=120,
	)
	assert answer.headers["Content-Type"].startswith("application/pdf"), answer.text[-800:]
	document = PdfReader(io.BytesIO(answer.content))
	text = plain("".join(page.extract_text() for page in document.pages))
	assert title in text
	for column in columns:
		assert plain(column) in text, column
	if form != "F-07":
		places = [text.index(plain(column)) for column in columns]
		assert places == sorted(places)
	for content in contents:
		assert plain(content) in text, content
	width, height = (float(document.pages[0].mediabox[side]) for side in (2, 3))
	assert (round(width), round(height)) in ((595, 842), (595, 841), (596, 842), (594, 841))
	assert f"第1页共{len(document.pages)}页" in text


@pytest.mark.parametrize("form", FORMS)
def test_a_form_asks_for_the_regulations_columns_in_its_source(form: str) -> None:
	"""The order in which the template writes the columns, whatever the engine makes of the table."""
	_doctype, print_format, _title, columns, _contents = FORMS[form]
	folder = Path(
		frappe.get_app_path("kehu_archive", "kehu_archive", "print_format", frappe.scrub(print_format))
	)
	source = (folder / f"{folder.name}.html").read_text(encoding="utf-8")
	words = [frappe._(word, lang="zh") for word in re.findall(r'_\("((?:[^"\\]|\\.)*)"\)', source)]
	wanted = [column for column in columns if column != "借阅编号"]
	places = [words.index(column) for column in wanted]
	# The number and date stand in the form's head.
	assert places == sorted(places)


def test_what_users_write_is_never_markup(filled: dict[str, str], db: Any, people: factories.People) -> None:
	name = papers.borrowing(
		people[roles.SALESPERSON], None, remark="<script>alert(1)</script>", purpose_note="<b>x</b>"
	)
	frappe.set_user(people[roles.SALESPERSON])
	html = get_rendered_template(
		frappe.get_doc(BORROWING, name), print_format=frappe.get_doc("Print Format", "Borrowing Application")
	)
	assert "<script>alert" not in html and "&lt;script&gt;alert" in html
	assert "<b>x</b>" not in html


def test_a_signature_is_a_picture_or_nothing(db: Any, people: factories.People) -> None:
	name = papers.borrowing(
		people[roles.SALESPERSON], None, borrower_signature="https://elsewhere.test/x.png"
	)
	form = forms.Form(frappe.get_doc(BORROWING, name))
	assert form.picture("borrower_signature") == ""
	assert form.picture("receiver_signature") == papers.PICTURE


@pytest.mark.parametrize(
	("role", "user", "column"),
	[
		("", "boss@kehu.test", forms.HEAD),
		("", "keeper@kehu.test", forms.SERVICE),
		(roles.CUSTOMER_SERVICE_MANAGER, "", forms.SERVICE),
		(roles.MARKETING_DIRECTOR, "", forms.DIRECTOR),
		(roles.GENERAL_MANAGER, "", forms.DIRECTOR),
		("Property Manager", "", forms.DIRECTOR),
	],
)
def test_an_approval_stands_in_its_column(role: str, user: str, column: str) -> None:
	assert forms.column_of(role, user, "keeper@kehu.test") == column


# ---- the register ----


def rows(people: factories.People, role: str, **filters: Any) -> list[dict[str, Any]]:
	with factories.acting(people[role]):
		return register.execute(filters)[1]


@pytest.fixture
def book(db: Any, people: factories.People) -> dict[str, str]:
	"""Borrowings of two people, one in time and one late."""
	archive = factories.make_archive()
	db.set_value("Customer Archive", archive.name, "custodian", people[roles.ARCHIVIST])
	in_time = {"returned_on": "2026-11-21 09:00:00", "overdue_days": 0, "applied_on": "2026-10-01"}
	return {
		"archive": archive.name,
		"customer": archive.customer_name,
		"late": papers.borrowing(people[roles.SALESPERSON], archive.name),
		"in_time": papers.borrowing(people[roles.FINANCE_AUDITOR], archive.name, **in_time),
	}


def test_the_register_has_the_columns_of_the_form(db: Any) -> None:
	assert tuple(column["label"] for column in register.columns()) == F_07


def test_the_register_shows_every_column_filled(book: dict[str, str], people: factories.People) -> None:
	(row,) = [one for one in rows(people, roles.CUSTOMER_SERVICE_MANAGER) if one["name"] == book["late"]]
	assert [field["fieldname"] for field in register.columns() if not row[field["fieldname"]]] == []
	assert row["archive_title"] == f"{book['archive']} / {book['customer']}"
	assert row["level"] == "核心商密 / A"
	assert row["purpose"] == "回访 / 年度回访"
	assert row["method"] == "复印"
	assert "同意查阅" in row["head"] and "已登记" in row["service"] and "待审批" in row["director"]
	assert row["checked"] == "12 / 完好"
	assert row["overdue"] == "逾期 2 天"
	assert "续借至" in row["remark"] and "催还 1 次" in row["remark"] and "轻拿轻放" in row["remark"]


def test_the_register_shows_each_person_what_he_may_see(
	book: dict[str, str], people: factories.People
) -> None:
	def shown(role: str) -> set[str]:
		return {row["name"] for row in rows(people, role)} & {book["late"], book["in_time"]}

	assert shown(roles.CUSTOMER_SERVICE_MANAGER) == {book["late"], book["in_time"]}
	assert shown(roles.SALESPERSON) == {book["late"]}
	assert shown(roles.FINANCE_AUDITOR) == {book["in_time"]}
	assert shown(roles.MARKET_INSPECTOR) == set()


def test_the_register_names_no_customer_that_the_reader_may_not_read(
	book: dict[str, str], people: factories.People
) -> None:
	(row,) = [one for one in rows(people, roles.FINANCE_AUDITOR) if one["name"] == book["in_time"]]
	assert book["customer"] not in str(row)
	assert row["archive_title"] == f"{book['archive']} / 华东区老客户"


def test_the_caller_cannot_be_somebody_else(book: dict[str, str], people: factories.People) -> None:
	from frappe.desk.query_report import run

	with factories.acting(people[roles.MARKET_INSPECTOR]):
		answer = run(
			"Borrowing Register",
			filters={},
			user=people[roles.CUSTOMER_SERVICE_MANAGER],
			ignore_prepared_report=True,
		)
	assert not {row["name"] for row in answer["result"]} & {book["late"], book["in_time"]}


def test_the_filters_narrow_and_never_widen(book: dict[str, str], people: factories.People) -> None:
	def found(**filters: Any) -> set[str]:
		return {row["name"] for row in rows(people, roles.CUSTOMER_SERVICE_MANAGER, **filters)} & {
			book["late"],
			book["in_time"],
		}

	assert found(from_date="2026-11-01") == {book["late"]}
	assert found(to_date="2026-10-31") == {book["in_time"]}
	assert found(overdue_only=1) == {book["late"]}
	assert found(applicant=people[roles.FINANCE_AUDITOR]) == {book["in_time"]}
	assert found(status="Lent") == set()
	assert found(archive=book["archive"]) == {book["late"], book["in_time"]}
	assert found(archive="' or 1=1 -- ") == set()
	assert found(status=["!=", "Lent"]) == set()


def test_a_stored_result_is_refused(db: Any) -> None:
	db.set_value("Report", register.REPORT, "prepared_report", 1)
	with pytest.raises(frappe.PermissionError):
		register.execute({})


def test_paper_still_out_is_overdue_by_the_clock(db: Any) -> None:
	loan = {
		"lent_on": "2026-11-20 11:00:00",
		"due_on": "2026-11-21",
		"returned_on": None,
		"status": "Lent",
		"overdue_days": 0,
	}
	day = frappe.utils.getdate
	assert register.days_overdue(loan, day("2026-11-21")) == 0
	assert register.days_overdue(loan, day("2026-11-22")) == 1
	assert register.days_overdue({**loan, "lent_on": None}, day("2026-12-22")) == 0
	assert register.days_overdue({**loan, "returned_on": "2026-11-21 23:59:59"}, day("2026-12-22")) == 0


def test_the_chart_counts_by_month(book: dict[str, str], people: factories.People) -> None:
	with factories.acting(people[roles.CUSTOMER_SERVICE_MANAGER]):
		chart = register.execute({"archive": book["archive"]})[3]
	assert chart["data"]["labels"] == ["2026-10", "2026-11"]
	assert [dataset["values"] for dataset in chart["data"]["datasets"]] == [[1, 1], [0, 1]]


def test_the_register_prints_every_column_of_the_report() -> None:
	source = Path(register.__file__).with_suffix(".html").read_text(encoding="utf-8")
	listed = re.search(r"var fields = \[(.*?)\]", source)
	assert listed
	assert re.findall(r'"(\w+)"', listed[1]) == [column["fieldname"] for column in register.columns()]
	widths = re.search(r"var widths = \[(.*?)\]", source)
	assert widths
	assert round(sum(float(width) for width in widths[1].split(","))) == 100
	assert "A4 landscape" in source


# ---- no road around the check ----


def test_every_restricted_doctype_checks_its_prints(site: str) -> None:
	lacking = [
		doctype
		for doctype in registry.STANDALONE
		if not issubclass(get_controller(doctype), checks.PrintRecorded)
	]
	assert not lacking


def test_a_controller_that_forgets_the_check_is_caught_where_the_page_is_made(
	db: Any, people: factories.People, monkeypatch: pytest.MonkeyPatch
) -> None:
	name = papers.borrowing(people[roles.FINANCE_AUDITOR], None)
	monkeypatch.setattr(checks.PrintRecorded, "before_print", lambda doc, settings=None: None)
	frappe.set_user("Administrator")
	before = db.count("Access Log Entry", {"document_name": name})
	get_rendered_template(frappe.get_doc(BORROWING, name))
	assert db.count("Access Log Entry", {"document_name": name}) == before + 1
	frappe.set_user(people[roles.MARKET_INSPECTOR])
	frappe.flags.ignore_print_permissions = True
	try:
		with pytest.raises(frappe.PermissionError):
			get_rendered_template(frappe.get_doc(BORROWING, name))
	finally:
		frappe.flags.ignore_print_permissions = False


def test_no_print_leaves_by_e_mail(filled: dict[str, str], db: Any) -> None:
	"""The framework skips its own check when a print is attached to a mail, and the mail's worker is Administrator."""
	frappe.set_user("Administrator")
	frappe.flags.ignore_print_permissions = True
	try:
		with pytest.raises(AccessDeniedError, match="邮件"):
			get_rendered_template(frappe.get_doc(BORROWING, filled[BORROWING]))
	finally:
		frappe.flags.ignore_print_permissions = False


@pytest.mark.parametrize("kind", ("print_format_builder_beta", "raw_printing"))
def test_formats_without_a_mark_are_refused(kind: str, db: Any) -> None:
	values = {
		"doctype": "Print Format",
		"name": f"Bare {kind}",
		"doc_type": "Customer Archive",
		"standard": "No",
		"custom_format": 1,
		"html": "<p></p>",
		"raw_commands": "x",
	}
	with pytest.raises(ArchiveError):
		frappe.get_doc({**values, kind: 1}).insert()
	frappe.get_doc(values).insert()


def test_the_hooks_lead_to_functions(site: str) -> None:
	hooks = frappe.get_hooks(app_name="kehu_archive")
	paths = [
		*hooks["pdf_body_html"],
		*hooks["jinja"]["methods"],
		*(
			path
			for paths in hooks["override_whitelisted_methods"].values()
			for path in paths
			if "printing" in path
		),
	]
	assert len(paths) >= 7
	for path in paths:
		module, _dot, function = path.rpartition(".")
		assert callable(getattr(importlib.import_module(module), function))


def test_the_lines_name_level_person_and_time(db: Any, people: factories.People) -> None:
	archive = factories.make_archive().name
	db.set_value(
		"Customer Archive",
		archive,
		{"confidentiality": "Ordinary Trade Secret", "confidential_until": "2031-11-01"},
	)
	frappe.set_user(people[roles.ARCHIVIST])
	level, who, when = marks.lines_for("Customer Archive", [archive])
	assert level == "密级：普通商密 ★ 2031-11-01 · 客户档案"
	assert who.endswith(f"<{people[roles.ARCHIVIST]}>")
	assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", when) and when[:10] == frappe.utils.today()
	assert marks.head([]) == "密级：内部资料"


@pytest.mark.parametrize(
	("levels", "highest"),
	[
		(["Internal"], "Internal"),
		(["Internal", "Core Trade Secret"], "Core Trade Secret"),
		(["Ordinary Trade Secret", "Internal"], "Ordinary Trade Secret"),
		(["Core Trade Secret", "Unclassified"], "Unclassified"),
	],
)
def test_the_most_secret_archive_settles_the_mark(db: Any, levels: list[str], highest: str) -> None:
	names = []
	for level in levels:
		names.append(factories.make_archive().name)
		db.set_value("Customer Archive", names[-1], "confidentiality", level)
	assert marks.confidentiality(names) == highest

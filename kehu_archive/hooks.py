from kehu_archive.permissions import reference_table, registry

from . import __version__ as app_version  # noqa: F401

app_name = "kehu_archive"
app_title = "客户档案"
app_publisher = "Kehu Archive maintainers"
app_description = "Customer archives: written regulations on customer files as running rules"
app_email = "maintainers@users.noreply.github.com"
app_license = "MIT"
app_icon = "octicon octicon-archive"
app_color = "#2f5d8a"

# ERPNext is optional: it is linked where present and never required.
required_apps: list[str] = []
export_python_type_annotations = True

add_to_apps_screen = [
	{
		"name": "kehu_archive",
		"logo": "/assets/kehu_archive/images/kehu-archive.svg",
		"title": "客户档案",
		"route": "/app/customer-archives",
	}
]

app_include_js = [
	"/assets/kehu_archive/js/kehu_archive.js",
	"/assets/kehu_archive/js/archive_search.js",
	"/assets/kehu_archive/js/archive_contacts.js",
	"/assets/kehu_archive/js/archive_vault.js",
	"/assets/kehu_archive/js/archive_overview.js",
	"/assets/kehu_archive/js/archive_quick_entry.js",
]
app_include_css = [
	"/assets/kehu_archive/css/kehu_archive.css",
	"/assets/kehu_archive/css/archive_search.css",
]

before_install = "kehu_archive.setup.before_install"
after_install = "kehu_archive.setup.after_install"
after_migrate = ["kehu_archive.setup.after_migrate"]
before_uninstall = "kehu_archive.setup.before_uninstall"
after_uninstall = "kehu_archive.setup.after_uninstall"
after_app_install = "kehu_archive.setup.after_app_install"

# Our Customer Archive is not searchable through the framework's global search: that search knows only
# DocType-level permissions and returns content. The page 客户速查 searches with the archive's own rules.
global_search_doctypes: dict[str, list[dict[str, object]]] = {}

override_whitelisted_methods: dict[str, str] = {}

# One access rule for lists and documents (permissions/registry.py says which DocType hangs on an archive and how).
permission_query_conditions = {
	doctype: f"kehu_archive.permissions.conditions.{registry.function_name(doctype)}" for doctype in registry.RESTRICTED
}
has_permission = {doctype: "kehu_archive.permissions.documents.has_permission" for doctype in registry.RESTRICTED}

# Link fields find an archive by pinyin, phone or number as the page 客户速查 does.
standard_queries = {"Customer Archive": "kehu_archive.api.search.link_query"}

doc_events = {
	"File": {
		"validate": "kehu_archive.integrations.file.validate",
		"on_trash": "kehu_archive.integrations.file.on_trash",
	}
}

# A full disk is noticed before a file is half-written.
before_write_file = ["kehu_archive.services.disk_space.check"]

scheduler_events = {
	"cron": {
		"*/5 * * * *": [
			"kehu_archive.tasks.resume_imports",
			"kehu_archive.tasks.refresh_recent_completeness",
		]
	},
	"daily": ["kehu_archive.tasks.refresh_completeness"],
}

# Secrets leave the request before anything can write it down, and error reports before they are stored.
before_request = ["kehu_archive.vault.ingress.before_request"]
doc_events["Error Log"] = {"before_insert": "kehu_archive.integrations.error_log.before_insert"}

# Prints: checked, recorded, marked and stamped by whatever road they are made (printing/).
app_include_js.append("/assets/kehu_archive/js/printing.js")
override_whitelisted_methods.update(
	{
		"frappe.utils.print_format.download_pdf": "kehu_archive.api.printing.download_pdf",
		"frappe.utils.print_format.download_multi_pdf": "kehu_archive.api.printing.download_multi_pdf",
		"frappe.utils.print_format.download_multi_pdf_async": "kehu_archive.api.printing.download_multi_pdf_async",
		"frappe.utils.print_format.print_by_server": "kehu_archive.api.printing.print_by_server",
		"frappe.utils.print_format.report_to_pdf": "kehu_archive.api.printing.report_to_pdf",
		"frappe.utils.weasyprint.download_pdf": "kehu_archive.api.printing.download_built_pdf",
	}
)
pdf_body_html = "kehu_archive.printing.marks.body_html"
jinja = {"methods": ["kehu_archive.printing.forms.kehu_form"]}
doc_events["Print Format"] = {"validate": "kehu_archive.printing.formats.validate"}

# The access log: what is read, refused and permitted; sealed every minute (audit/).
auth_hooks = ["kehu_archive.audit.requests.on_request"]
after_request = ["kehu_archive.audit.requests.after_request"]
doc_events["Version"] = {
	"before_validate": "kehu_archive.integrations.version.before_validate",
	"before_rename": "kehu_archive.integrations.version.before_rename",
	"on_trash": "kehu_archive.integrations.version.on_trash",
}
for _doctype in (
	"Access Rule",
	"Archive Department",
	"Custom DocPerm",
	"DocShare",
	"Kehu Archive Settings",
	"Role",
	"User",
	"User Permission",
	"Workflow",
):
	_events = doc_events.setdefault(_doctype, {})
	for _event, _handler in (("on_update", "on_update"), ("on_trash", "on_trash")):
		_events[_event] = [_events[_event]] if isinstance(_events.get(_event), str) else _events.get(_event, [])
		_events[_event].append(f"kehu_archive.audit.permission_changes.{_handler}")
scheduler_events["cron"]["* * * * *"] = ["kehu_archive.tasks.seal_access_log"]
scheduler_events["cron"]["*/5 * * * *"].append("kehu_archive.tasks.look_for_unusual_reading")

# Confidentiality: the pledge before the first access, no links to archives for outsiders, reminders before a level ends.
app_include_js.append("/assets/kehu_archive/js/confidentiality.js")
extend_bootinfo = [
	"kehu_archive.services.pledge.boot",
	# Who can put it right learns at log-in that the key file is missing.
	"kehu_archive.vault.keyring.boot",
]
doc_events["Document Share Key"] = {"validate": "kehu_archive.integrations.share_key.validate"}
scheduler_events["daily"].append("kehu_archive.tasks.remind_of_confidentiality")

# Roads of the framework that ask no permission, or the wrong one (permissions/guards/). The gate comes before everything else that sees a request.
auth_hooks.insert(0, "kehu_archive.permissions.guards.gate.enter")
after_request.insert(0, "kehu_archive.permissions.guards.answers.after_request")
_GUARDS = "kehu_archive.permissions.guards"
after_migrate.append(f"{_GUARDS}.sharing.remove_old")
override_whitelisted_methods.update(
	{
		"frappe.client.get": f"{_GUARDS}.existence.get",
		"frappe.client.get_count": f"{_GUARDS}.counts.get_count",
		"frappe.client.validate_link": f"{_GUARDS}.existence.validate_link",
		"frappe.core.doctype.data_export.exporter.export_data": f"{_GUARDS}.exporting.export_data",
		"frappe.core.doctype.data_import.data_import.download_template": f"{_GUARDS}.exporting.download_template",
		"frappe.core.doctype.prepared_report.prepared_report.make_prepared_report": f"{_GUARDS}.reports.make_prepared_report",
		"frappe.desk.doctype.dashboard_chart.dashboard_chart.get": f"{_GUARDS}.charts.get",
		"frappe.desk.doctype.tag.tag.get_tagged_docs": f"{_GUARDS}.grouping.get_tagged_docs",
		"frappe.desk.form.linked_with.get": f"{_GUARDS}.existence.linked_with",
		"frappe.desk.form.load.get_communications": f"{_GUARDS}.timeline.get_communications",
		"frappe.desk.form.load.get_docinfo": f"{_GUARDS}.timeline.get_docinfo",
		"frappe.desk.form.load.getdoc": f"{_GUARDS}.timeline.getdoc",
		"frappe.desk.listview.get_group_by_count": f"{_GUARDS}.grouping.get_group_by_count",
		"frappe.desk.notifications.get_open_count": f"{_GUARDS}.counts.get_open_count",
		"frappe.desk.query_report.export_query": f"{_GUARDS}.reports.export_query",
		"frappe.desk.query_report.get_data_for_custom_field": f"{_GUARDS}.reports.get_data_for_custom_field",
		"frappe.desk.query_report.run": f"{_GUARDS}.reports.run",
		"frappe.desk.reportview.export_query": f"{_GUARDS}.exporting.export_report_view",
		"frappe.desk.search.get_link_title": f"{_GUARDS}.existence.get_link_title",
		"frappe.workflow.doctype.workflow.workflow.get_workflow_state_count": f"{_GUARDS}.grouping.get_workflow_state_count",
	}
)
# What the framework writes about a record is seen by whoever may see the record (permissions/references.py).
permission_query_conditions |= {
	doctype: f"kehu_archive.permissions.references.{registry.function_name(doctype)}" for doctype in reference_table.TABLE
}
permission_query_conditions["Prepared Report"] = "kehu_archive.permissions.references.prepared_reports"
has_permission |= {doctype: "kehu_archive.permissions.references.has_permission" for doctype in reference_table.TABLE}
has_permission["Prepared Report"] = "kehu_archive.permissions.references.has_prepared_report"
for _doctype, _event, _handler in (
	("*", "validate", "notices.check_links"),
	("Auto Email Report", "validate", "sharing.validate_report"),
	("Auto Repeat", "validate", "sharing.validate_copy"),
	("DocShare", "validate", "sharing.validate_share"),
	("Document Follow", "after_insert", "sharing.after_follow"),
	("Kanban Board", "validate", "sharing.validate_copy"),
	("Notification Log", "before_insert", "notices.before_notice"),
	("Prepared Report", "before_insert", "sharing.validate_report"),
	("Web Form", "validate", "sharing.validate_copy"),
):
	_events = doc_events.setdefault(_doctype, {})
	_events[_event] = [_events[_event]] if isinstance(_events.get(_event), str) else _events.get(_event, [])
	_events[_event].append(f"{_GUARDS}.{_handler}")

# Borrowing: what other screens show of it; overdue, reminders and the end of electronic access, at 00:05 and every hour.
app_include_js.append("/assets/kehu_archive/js/archive_borrowing.js")
scheduler_events["cron"]["5 * * * *"] = ["kehu_archive.tasks.follow_up_loans"]

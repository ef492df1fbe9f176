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
	"/assets/kehu_archive/js/printing.js",
	"/assets/kehu_archive/js/confidentiality.js",
	"/assets/kehu_archive/js/archive_borrowing.js",
	"/assets/kehu_archive/js/screen_watermark.js",
	"/assets/kehu_archive/js/grading.js",
	"/assets/kehu_archive/js/grading_presets.js",
	"/assets/kehu_archive/js/grading_simulation.js",
	"/assets/kehu_archive/js/archive_grades.js",
]
app_include_css = [
	"/assets/kehu_archive/css/kehu_archive.css",
	"/assets/kehu_archive/css/archive_search.css",
]

before_install = "kehu_archive.setup.before_install"
after_install = "kehu_archive.setup.after_install"
after_migrate = ["kehu_archive.setup.after_migrate", "kehu_archive.permissions.guards.sharing.remove_old"]
before_uninstall = "kehu_archive.setup.before_uninstall"
after_uninstall = "kehu_archive.setup.after_uninstall"
after_app_install = "kehu_archive.setup.after_app_install"

# Our Customer Archive is not searchable through the framework's global search: that search knows only
# DocType-level permissions and returns content. The page 客户速查 searches with the archive's own rules.
global_search_doctypes: dict[str, list[dict[str, object]]] = {}

# Link fields find an archive by pinyin, phone or number as the page 客户速查 does.
standard_queries = {"Customer Archive": "kehu_archive.api.search.link_query"}

# Secrets leave the request before anything can write it down (vault/ingress.py).
before_request = ["kehu_archive.vault.ingress.before_request"]
# Who asks is known here, by session, token or key. The gate comes before everything else that sees a request (permissions/guards/),
# then what is read goes on record (audit/).
auth_hooks = ["kehu_archive.permissions.guards.gate.enter", "kehu_archive.audit.requests.on_request"]
after_request = [
	"kehu_archive.permissions.guards.answers.after_request",
	"kehu_archive.audit.requests.after_request",
]
# At log-in the Desk learns that the pledge is to be signed, who can put it right that the key file is missing, and what it shows under a watermark.
extend_bootinfo = ["kehu_archive.services.pledge.boot", "kehu_archive.vault.keyring.boot", "kehu_archive.printing.marks.boot"]

# One access rule for lists and documents (permissions/registry.py says which DocType hangs on an archive and how), and for what the
# framework itself writes about them (permissions/reference_table.py).
_CONDITIONS = "kehu_archive.permissions.conditions"
_REFERENCES = "kehu_archive.permissions.references"
permission_query_conditions = {
	**{doctype: f"{_CONDITIONS}.{registry.function_name(doctype)}" for doctype in registry.RESTRICTED},
	**{doctype: f"{_REFERENCES}.{registry.function_name(doctype)}" for doctype in reference_table.TABLE},
	"Prepared Report": f"{_REFERENCES}.prepared_reports",
}
has_permission = {
	**dict.fromkeys(registry.RESTRICTED, "kehu_archive.permissions.documents.has_permission"),
	**dict.fromkeys(reference_table.TABLE, f"{_REFERENCES}.has_permission"),
	"Prepared Report": f"{_REFERENCES}.has_prepared_report",
}

# Roads of the framework that ask no permission, or the wrong one, and prints, which are checked, recorded, marked and stamped.
override_whitelisted_methods = {
	"frappe.client.get": "kehu_archive.permissions.guards.existence.get",
	"frappe.client.get_count": "kehu_archive.permissions.guards.counts.get_count",
	"frappe.client.validate_link": "kehu_archive.permissions.guards.existence.validate_link",
	"frappe.core.doctype.data_export.exporter.export_data": "kehu_archive.permissions.guards.exporting.export_data",
	"frappe.core.doctype.data_import.data_import.download_template": "kehu_archive.permissions.guards.exporting.download_template",
	"frappe.core.doctype.prepared_report.prepared_report.make_prepared_report": "kehu_archive.permissions.guards.reports.make_prepared_report",
	"frappe.desk.doctype.dashboard_chart.dashboard_chart.get": "kehu_archive.permissions.guards.charts.get",
	"frappe.desk.doctype.tag.tag.get_tagged_docs": "kehu_archive.permissions.guards.grouping.get_tagged_docs",
	"frappe.desk.form.linked_with.get": "kehu_archive.permissions.guards.existence.linked_with",
	"frappe.desk.form.load.get_communications": "kehu_archive.permissions.guards.timeline.get_communications",
	"frappe.desk.form.load.get_docinfo": "kehu_archive.permissions.guards.timeline.get_docinfo",
	"frappe.desk.form.load.getdoc": "kehu_archive.permissions.guards.timeline.getdoc",
	"frappe.desk.listview.get_group_by_count": "kehu_archive.permissions.guards.grouping.get_group_by_count",
	"frappe.desk.notifications.get_open_count": "kehu_archive.permissions.guards.counts.get_open_count",
	"frappe.desk.query_report.export_query": "kehu_archive.permissions.guards.reports.export_query",
	"frappe.desk.query_report.get_data_for_custom_field": "kehu_archive.permissions.guards.reports.get_data_for_custom_field",
	"frappe.desk.query_report.run": "kehu_archive.permissions.guards.reports.run",
	"frappe.desk.reportview.export_query": "kehu_archive.permissions.guards.exporting.export_report_view",
	"frappe.desk.search.get_link_title": "kehu_archive.permissions.guards.existence.get_link_title",
	"frappe.utils.print_format.download_multi_pdf": "kehu_archive.api.printing.download_multi_pdf",
	"frappe.utils.print_format.download_multi_pdf_async": "kehu_archive.api.printing.download_multi_pdf_async",
	"frappe.utils.print_format.download_pdf": "kehu_archive.api.printing.download_pdf",
	"frappe.utils.print_format.print_by_server": "kehu_archive.api.printing.print_by_server",
	"frappe.utils.print_format.report_to_pdf": "kehu_archive.api.printing.report_to_pdf",
	"frappe.utils.weasyprint.download_pdf": "kehu_archive.api.printing.download_built_pdf",
	"frappe.workflow.doctype.workflow.workflow.get_workflow_state_count": "kehu_archive.permissions.guards.grouping.get_workflow_state_count",
}
pdf_body_html = "kehu_archive.printing.marks.body_html"
jinja = {"methods": ["kehu_archive.printing.forms.kehu_form"]}

_SHARING = "kehu_archive.permissions.guards.sharing"
_PERMISSION_CHANGES = {
	"on_update": "kehu_archive.audit.permission_changes.on_update",
	"on_trash": "kehu_archive.audit.permission_changes.on_trash",
}
doc_events = {
	"*": {"validate": "kehu_archive.permissions.guards.notices.check_links"},
	"File": {
		"validate": "kehu_archive.integrations.file.validate",
		"on_trash": "kehu_archive.integrations.file.on_trash",
	},
	"Version": {
		"before_validate": "kehu_archive.integrations.version.before_validate",
		"before_rename": "kehu_archive.integrations.version.before_rename",
		"on_trash": "kehu_archive.integrations.version.on_trash",
	},
	"Error Log": {"before_insert": "kehu_archive.integrations.error_log.before_insert"},
	"Print Format": {"validate": "kehu_archive.printing.formats.validate"},
	"Notification Log": {"before_insert": "kehu_archive.permissions.guards.notices.before_notice"},
	# Archives are not handed on past the rules.
	"Auto Email Report": {"validate": f"{_SHARING}.validate_report"},
	"Auto Repeat": {"validate": f"{_SHARING}.validate_copy"},
	"Document Follow": {"after_insert": f"{_SHARING}.after_follow"},
	"Document Share Key": {"validate": "kehu_archive.integrations.share_key.validate"},
	"Kanban Board": {"validate": f"{_SHARING}.validate_copy"},
	"Prepared Report": {"before_insert": f"{_SHARING}.validate_report"},
	"Web Form": {"validate": f"{_SHARING}.validate_copy"},
	# Who may do what was changed: that is on record.
	"DocShare": {"validate": f"{_SHARING}.validate_share", **_PERMISSION_CHANGES},
	"Access Rule": _PERMISSION_CHANGES,
	"Archive Department": _PERMISSION_CHANGES,
	"Custom DocPerm": _PERMISSION_CHANGES,
	# Which grade an archive gets decides who may open it.
	"Grading Scheme": _PERMISSION_CHANGES,
	"Grading Scheme Version": _PERMISSION_CHANGES,
	"Kehu Archive Settings": _PERMISSION_CHANGES,
	"Role": _PERMISSION_CHANGES,
	"User": _PERMISSION_CHANGES,
	"User Permission": _PERMISSION_CHANGES,
	"Workflow": _PERMISSION_CHANGES,
}

# A full disk is noticed before a file is half-written.
before_write_file = ["kehu_archive.services.disk_space.check"]

scheduler_events = {
	"cron": {
		"* * * * *": ["kehu_archive.tasks.seal_access_log"],
		"*/5 * * * *": [
			"kehu_archive.tasks.resume_imports",
			"kehu_archive.tasks.resume_grading",
			"kehu_archive.tasks.refresh_recent_completeness",
			"kehu_archive.tasks.look_for_unusual_reading",
		],
		# Five minutes past midnight a loan of yesterday is late.
		"5 * * * *": ["kehu_archive.tasks.follow_up_loans"],
		"0 2 * * *": ["kehu_archive.tasks.grade_by_night"],
	},
	"daily": [
		"kehu_archive.tasks.refresh_completeness",
		"kehu_archive.tasks.end_manual_grades",
		"kehu_archive.tasks.remind_of_confidentiality",
		"kehu_archive.tasks.remind_of_updates",
	],
}

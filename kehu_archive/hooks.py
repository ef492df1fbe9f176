from kehu_archive.permissions import registry

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

override_whitelisted_methods = {"frappe.client.get_count": "kehu_archive.api.counts.get_count"}

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

// Printing from the Desk: the button of a document that may not be printed is hidden, and what the browser itself prints of a list or report
// of customer archives carries the server's mark and watermark. The server refuses and records on its own; nothing here is the lock.

frappe.provide("kehu_archive.printing");

(() => {
	const MODULE = "Kehu Archive";

	function is_ours(doctype) {
		return Boolean(doctype) && frappe.get_meta(doctype)?.module === MODULE;
	}

	function hide_button(frm) {
		if (frm.perm?.[0]) frm.perm[0].print = 0;
		const toolbar = frm.toolbar;
		if (toolbar?.print_icon) {
			toolbar.print_icon.remove();
			toolbar.print_icon = null;
		}
		const label = encodeURIComponent(__("Print"));
		frm.page.menu.find(`[data-label="${label}"]`).closest("li").remove();
	}

	$(document).on("form-refresh", async (event, frm) => {
		if (!frm || frm.is_new() || !is_ours(frm.doctype) || frm.meta.issingle) return;
		const name = frm.doc.name;
		const allowed = await frappe.xcall("kehu_archive.api.printing.may_print", {
			doctype: frm.doctype,
			name,
		});
		if (!allowed && frm.doc.name === name) hide_button(frm);
	});

	/** The rows of a list or report without its totals. */
	function rows_of(opts) {
		return (opts.original_data || opts.data || []).filter((row) => row && !row.is_total_row);
	}

	/** What a list or report shows: its DocType, the documents and the archives in it. */
	function shown(opts) {
		const list = window.cur_list;
		const report = opts.report || (list?.view_name === "Report" ? list : null);
		const doctype = opts.report ? opts.report.report_doc?.ref_doctype : list?.doctype;
		const rows = rows_of(opts);
		const values = (field) => [...new Set(rows.map((row) => row[field]).filter(Boolean))];
		return {
			doctype: report ? doctype : null,
			title: String(opts.title || ""),
			names: values("name"),
			archives: values(doctype === "Customer Archive" ? "name" : "archive"),
		};
	}

	// The server makes a PDF of the page it is given and settles the confidentiality by the archives named in it.
	const render_pdf = frappe.render_pdf;
	frappe.render_pdf = function (html, opts) {
		const report = frappe.get_route()[0] === "query-report" ? frappe.query_report : null;
		if (!is_ours(report?.report_doc?.ref_doctype)) return render_pdf(html, opts);
		const { archives } = shown({ report, data: report.data });
		const named = `<meta name="kehu-archives" content="${kehu_archive.escape(archives.join(" "))}">`;
		return render_pdf(html.replace("</head>", `${named}</head>`), opts);
	};

	const render_grid = frappe.render_grid;
	frappe.render_grid = function (opts) {
		const { doctype, title, names, archives } = shown(opts);
		if (!is_ours(doctype)) return render_grid(opts);
		return frappe
			.xcall("kehu_archive.api.printing.mark_report", { doctype, title, names, archives })
			.then((layer) => {
				const content = opts.content || frappe.render_template(opts.template || "print_grid", opts);
				render_grid({ ...opts, content: layer + content });
			});
	};
})();

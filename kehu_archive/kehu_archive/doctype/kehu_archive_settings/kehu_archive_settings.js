frappe.ui.form.on("Kehu Archive Settings", {
	setup(frm) {
		kehu_archive.set_queries(frm, { default_archive_type: "active", data_department: "active" });
	},

	refresh: show_example,
	number_pattern: show_example,
	fonds_code: show_example,
});

/** What the next archive number would look like, while the pattern is being typed. */
function show_example(frm) {
	const parts = {
		fonds: frm.doc.fonds_code || "",
		class: "KH",
		year: frappe.datetime.get_today().slice(0, 4),
	};
	const example = (frm.doc.number_pattern || "")
		.replace(/\{serial:(\d)\}/g, (_match, width) => "1".padStart(Number(width), "0"))
		.replace(/\{(fonds|class|year)\}/g, (_match, name) => parts[name]);
	const hint = __(frappe.meta.get_docfield(frm.doctype, "number_pattern").description);
	frm.get_field("number_pattern").set_description?.(
		String(kehu_archive.html`${hint}<br>${__("Example: {0}", [example])}`)
	);
}

// A grade that an archive has or had, with its reasons as they were on that day; nothing of it is edited.

frappe.ui.form.on("Grade Assignment", {
	refresh(frm) {
		frm.disable_save();
		kehu_archive.show_customer(frm);
		const label = frm.doc.label || frm.doc.grade || __("Not Graded");
		kehu_archive.set_heading(frm, frm.doc.scheme, label);
		const current = cint(frm.doc.is_current);
		frm.page.set_indicator(current ? __("Current") : __("Former"), current ? "green" : "gray");
		show_reasons(frm);
	},
});

function show_reasons(frm) {
	const name = frm.doc.name;
	const { reasons_html } = frm.fields_dict;
	reasons_html.$wrapper.empty();
	if (frm.is_new()) return;
	frappe.xcall("kehu_archive.api.grades.reasons", { assignment: name }).then((found) => {
		if (frm.doc.name !== name) return;
		reasons_html.$wrapper.html(String(kehu_archive.grading.reasons(found)));
	});
}

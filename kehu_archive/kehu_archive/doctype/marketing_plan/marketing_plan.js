// A marketing plan for one class of customers, and how far its actions are (R-GRD-17, R-MKT-01).

frappe.ui.form.on("Marketing Plan", {
	setup(frm) {
		kehu_archive.set_queries(frm, { responsible: "user" });
		frm.set_query("responsible", "actions", () => ({ filters: { enabled: 1, user_type: "System User" } }));
	},

	onload(frm) {
		if (frm.is_new() && !frm.doc.year) frm.set_value("year", cint(frappe.datetime.get_today().slice(0, 4)));
	},

	refresh(frm) {
		offer_grades(frm);
		frm.get_field("progress").set_description?.(String(kehu_archive.bar(frm.doc.progress)));
	},

	scheme: (frm) => frm.set_value("grade", "").then(() => offer_grades(frm)),
});

/** The grades of the scheme are offered to choose from. */
function offer_grades(frm) {
	if (!frm.doc.scheme) return;
	kehu_archive.grading.offer_grades(frm, "grade");
}

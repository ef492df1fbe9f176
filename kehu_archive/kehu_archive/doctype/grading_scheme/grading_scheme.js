// A grading scheme: what it is used for, its versions by year, its runs, and the presets.

frappe.ui.form.on("Grading Scheme", {
	setup(frm) {
		kehu_archive.set_queries(frm, { archive_type: "active" });
	},

	refresh(frm) {
		frm.set_intro("");
		if (frm.is_new()) {
			frm.set_intro(__("Save the scheme, then add a version for the year with its grades and thresholds."), "blue");
			if (frappe.model.can_create("Grading Scheme")) {
				frm.add_custom_button(__("Preset Schemes"), () =>
					kehu_archive.grading.ask_preset((scheme) => frappe.set_route("Form", "Grading Scheme", scheme))
				);
			}
			return;
		}
		show_purposes(frm);
		add_buttons(frm);
	},

	async before_save(frm) {
		await ask_before_moving(frm);
	},
});

function show_purposes(frm) {
	const bound = kehu_archive.grading.purposes_of(frm.doc).map(kehu_archive.grading.purpose);
	if (frm.is_dirty()) return;
	if (cint(frm.doc.is_disabled)) frm.page.set_indicator(__("Switched Off"), "gray");
	else if (bound.length) frm.page.set_indicator(__("Used for {0}", [bound.join(__(", "))]), "green");
	else frm.page.set_indicator(__("Not Bound"), "blue");
}

function add_buttons(frm) {
	const scheme = frm.doc.name;
	const create = (doctype, label, group) => {
		if (frappe.model.can_create(doctype)) frm.add_custom_button(label, () => kehu_archive.create(doctype, { scheme }), group);
	};
	if (!cint(frm.doc.is_disabled)) create("Grading Run", __("Grade Now"));
	frm.add_custom_button(__("Versions"), () => kehu_archive.open_list("Grading Scheme Version", { scheme }), __("View"));
	frm.add_custom_button(__("Grading Runs"), () => kehu_archive.open_list("Grading Run", { scheme }), __("View"));
	frm.add_custom_button(__("Grades Given"), () => kehu_archive.open_list("Grade Assignment", { scheme, is_current: 1 }), __("View"));
	create("Grading Scheme Version", __("Version"), __("New Record"));
	create("Marketing Plan", __("Marketing Plan"), __("New Record"));
}

/** A purpose has one scheme: taking it from another is asked first, for everybody's grades follow at once (R-GRD-22). */
async function ask_before_moving(frm) {
	if (cint(frm.doc.is_disabled)) return;
	const questions = await frappe.xcall("kehu_archive.api.grading_schemes.moving", {
		scheme: frm.is_new() ? "" : frm.doc.name,
		wanted: kehu_archive.grading.purposes_of(frm.doc),
	});
	if (!questions.length) return;
	await new Promise((resolve) => {
		frappe.confirm(questions.join("<br>"), resolve, () => {
			frappe.validated = false;
			resolve();
		});
	});
}

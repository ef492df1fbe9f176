// The rules of a scheme for one year: what must still be filled in, the steps draft → in force → ended, and the trial.

const VERSION_API = "kehu_archive.api.grading_schemes";

frappe.ui.form.on("Grading Scheme Version", {
	setup(frm) {
		frm.set_query("scheme", () => ({ filters: { is_disabled: 0 } }));
	},

	refresh(frm) {
		frm.set_intro("");
		show_columns(frm);
		offer_grades(frm);
		if (!frm.is_dirty()) frm.page.set_indicator(__(frm.doc.status), kehu_archive.colours[frm.doc.status] || "gray");
		if (!frm.is_new() && frm.doc.status === "Draft") show_faults(frm);
		if (frm.doc.status !== "Draft") {
			frm.set_intro(__("The rules of a version that is or was in force stay as they are. Copy it to change them."), "blue");
			["grades", "criteria", "factors", "bands", "logic", "least", "score_by", "per_region", "upgrade_share", "valid_from", "valid_to", "first_month"].forEach(
				(field) => frm.set_df_property(field, "read_only", 1)
			);
		}
		add_buttons(frm);
	},

	logic: show_columns,
	score_by: show_columns,
});

frappe.ui.form.on("Grading Scheme Grade", {
	grade: offer_grades,
	grades_remove: offer_grades,
});

/** Columns that the method does not ask for take no room. */
function show_columns(frm) {
	const method = frm.doc.method;
	const show = (table, fields, visible) => {
		const grid = frm.get_field(table).grid;
		fields.forEach((field) => grid.update_docfield_property(field, "in_list_view", visible ? 1 : 0));
		fields.forEach((field) => grid.update_docfield_property(field, "hidden", visible ? 0 : 1));
	};
	show("grades", ["share"], method === "Quotas");
	show("grades", ["score_from"], method === "Scorecard");
	show("grades", ["logic"], method === "Thresholds");
	frm.get_field("grades").grid.update_docfield_property("contact_every_days", "columns", 2);
	frm.get_field("grades").grid.update_docfield_property("update_every_months", "columns", 2);
	frm.get_field("grades").grid.reset_grid?.();
	const by_factors = method === "Scorecard" || (method === "Quotas" && frm.doc.score_by === "Weighted Factors");
	frm.toggle_display(["factors", "bands"], by_factors);
}

/** A criterion names one of the grades above. */
function offer_grades(frm) {
	const grades = (frm.doc.grades || []).map((row) => row.grade).filter(Boolean);
	const grid = frm.get_field("criteria").grid;
	grid.update_docfield_property("grade", "description", grades.length ? __("One of: {0}", [grades.map(kehu_archive.escape).join(__(", "))]) : "");
}

function add_buttons(frm) {
	const { status, scheme } = frm.doc;
	if (frappe.model.can_create("Grading Run")) {
		frm.add_custom_button(__("Simulate"), () => kehu_archive.grading.simulate(frm));
		if (status === "Active") frm.add_custom_button(__("Grade Now"), () => kehu_archive.create("Grading Run", { scheme }));
	}
	if (!frm.perm[0]?.create || frm.is_new()) return;
	if (status === "Draft") frm.add_custom_button(__("Activate"), () => activate(frm)).addClass("btn-primary");
	frm.add_custom_button(__("Copy to the Next Year"), () => copy(frm));
	if (status === "Active") {
		frm.add_custom_button(__("Close the Version"), () =>
			frappe.confirm(kehu_archive.escape(__("End this version today? Grades that it gave stay.")), () => step(frm, "close"))
		);
	}
}

function step(frm, method, more = {}) {
	return frappe.xcall(`${VERSION_API}.${method}`, { version: frm.doc.name, ...more }).then(() => frm.reload_doc());
}

async function activate(frm) {
	if (frm.is_dirty()) await frm.save();
	if (frm.is_dirty()) return;
	frappe.confirm(
		kehu_archive.escape(
			__("Put {0} in force? Its rules cannot be edited afterwards. Grades change only with a grading run.", [frm.doc.name])
		),
		() => step(frm, "activate")
	);
}

function copy(frm) {
	frappe.prompt(
		[{ fieldname: "year", fieldtype: "Int", label: __("Year"), default: cint(frm.doc.year) + 1, reqd: 1 }],
		({ year }) =>
			frappe
				.xcall(`${VERSION_API}.copy_to_year`, { version: frm.doc.name, year })
				.then((name) => frappe.set_route("Form", "Grading Scheme Version", name)),
		__("Copy to the Next Year")
	);
}

/** What keeps a draft from being activated, and the regulation's blanks that are still open; the rows concerned are marked. */
function show_faults(frm) {
	const version = frm.doc.name;
	frappe.xcall(`${VERSION_API}.check`, { version }).then((faults) => {
		if (frm.doc.name !== version || frm.doc.status !== "Draft") return;
		mark_rows(frm, faults);
		if (!faults.length) {
			frm.set_intro(__("Nothing is missing: try the version out with Simulate, then activate it."), "green");
			return;
		}
		const errors = faults.filter((fault) => fault.is_error);
		const { html } = kehu_archive;
		// The sentences of the server are safe HTML.
		const list = (rows) => rows.map((fault) => `<li>${fault.text}</li>`).join("");
		const head = errors.length
			? __("To be corrected before the version can be activated:")
			: __("Thresholds left open are not asked:");
		frm.set_intro(`${html`<strong>${head}</strong>`}<ul class="ka-faults">${list(errors.length ? errors : faults)}</ul>`, errors.length ? "orange" : "blue");
	});
}

function mark_rows(frm, faults) {
	for (const table of ["grades", "criteria", "factors", "bands"]) {
		frm.get_field(table).grid.wrapper.find(".grid-row").removeClass("ka-fault-row");
	}
	for (const fault of faults.filter((one) => one.is_error && one.row)) {
		const table = fault.field.split(":")[0];
		frm.get_field(table)?.grid?.wrapper.find(`.grid-row[data-idx="${cint(fault.row)}"]`).addClass("ka-fault-row");
	}
}

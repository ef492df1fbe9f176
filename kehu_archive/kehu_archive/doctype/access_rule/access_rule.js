const OPERATIONS = {
	find: "Find",
	read: "Consult",
	copy: "Photocopy",
	borrow: "Borrow",
	take_out: "Take Out",
	disclose: "Disclose",
	print: "Print or PDF",
	export: "Export to Workbook",
};
const PURPOSES = { "Return Visit": "Return Visit", "Work Need": "Work Need", Other: "Other Purpose" };
const PAPER = ["on_copy", "on_borrow", "on_take_out", "on_read"];

frappe.ui.form.on("Access Rule", {
	setup(frm) {
		frm.set_query("user", "approvers", () => ({ filters: { enabled: 1, user_type: "System User" } }));
	},

	refresh(frm) {
		show_what_applies(frm);
		frm.set_intro("");
		if (frm.doc.held_by) {
			frm.set_intro(
				__("This rule is held back by presets. Switch it on here and it counts whatever they say."),
				"yellow"
			);
		} else {
			frm.set_intro(help_of(frm.doc.outcome), "blue");
		}
		if (!frm.is_new()) frm.add_custom_button(__("Try It"), () => try_it(frm));
	},

	outcome: (frm) => frm.trigger("refresh"),
	...Object.fromEntries(PAPER.map((field) => [field, show_what_applies])),
});

frappe.ui.form.on("Access Rule Approver", {
	approver_kind(frm, cdt, cdn) {
		const row = locals[cdt][cdn];
		if (row.approver_kind !== "Role") frappe.model.set_value(cdt, cdn, "role", null);
		if (row.approver_kind !== "User") frappe.model.set_value(cdt, cdn, "user", null);
	},
});

function help_of(outcome) {
	return {
		Allowed: __("Whoever this rule means may do it at once, unless a stricter rule matches too."),
		Approval: __("Whoever this rule means asks first; everybody in the table below has to agree."),
		Refused: __("Whoever this rule means may not do it, whatever other rules or grants say."),
		"Restriction Only": __("This rule opens nothing; its restrictions are added to what other rules decide."),
	}[outcome];
}

/** Restrictions of papers say nothing of a rule without papers, and none of them anything of a refusal. */
function show_what_applies(frm) {
	const { doc } = frm;
	const refused = doc.outcome === "Refused";
	const papers = PAPER.some((field) => doc[field]);
	frm.toggle_display(["longest_days", "same_day_return", "no_renewal"], !refused && papers);
	frm.toggle_display("no_leaving", !refused && Boolean(doc.on_borrow || doc.on_take_out || doc.on_read));
	frm.toggle_display(["no_copies", "needs_consent"], !refused);
	frm.toggle_display("needs_hand_over", !refused);
}

/** What all rules together say of one person and one archive, and why (R-ACC-15). */
function try_it(frm) {
	const choices = (labels) => Object.entries(labels).map(([value, label]) => ({ value, label: __(label) }));
	const ticked = Object.keys(OPERATIONS).find((operation) => frm.doc[`on_${operation}`]);
	const dialog = new frappe.ui.Dialog({
		title: __("Try the Access Rules"),
		fields: [
			{
				fieldname: "user",
				fieldtype: "Link",
				options: "User",
				label: __("User"),
				reqd: 1,
				get_query: () => ({ filters: { enabled: 1, user_type: "System User" } }),
			},
			{
				fieldname: "archive",
				fieldtype: "Link",
				options: "Customer Archive",
				label: __("Customer Archive"),
				reqd: 1,
			},
			{ fieldtype: "Column Break" },
			{
				fieldname: "operation",
				fieldtype: "Select",
				label: __("Operation"),
				options: choices(OPERATIONS),
				default: ticked || "read",
				reqd: 1,
			},
			{
				fieldname: "purpose",
				fieldtype: "Select",
				label: __("Purpose"),
				options: choices(PURPOSES),
				default: "Work Need",
				reqd: 1,
			},
			{ fieldtype: "Section Break" },
			{ fieldname: "answer", fieldtype: "HTML" },
		],
		primary_action_label: __("Ask"),
		primary_action({ user, archive, operation, purpose }) {
			frappe
				.xcall("kehu_archive.api.presets.explain", { user, archive, operation, purpose })
				.then((found) => dialog.get_field("answer").$wrapper.html(String(answer_of(found))));
		},
	});
	dialog.show();
}

function answer_of(found) {
	const { html } = kehu_archive;
	const facts = [
		[__("Outcome"), found.allowed ? __("Allowed") : found.outcome],
		[__("Reason"), found.reason],
		[__("Relation to the File"), found.relation],
		[__("Approvers"), found.approvers.join(", ")],
		[__("Approval Mode"), found.approvers.length > 1 ? found.mode : ""],
		[__("Restrictions"), found.restrictions.join(", ")],
	];
	const rules = found.rules.map(
		(rule) => html`<li><a href="${frappe.utils.get_form_link("Access Rule", rule.name)}">${rule.name}</a>
			(${rule.outcome})<div class="ka-sub">${rule.basis}</div></li>`
	);
	return html`<dl class="ka-facts">${facts
		.filter(([, value]) => value)
		.map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>
		${rules.length ? html`<h6>${__("Rules That Match")}</h6><ul>${rules}</ul>` : ""}`;
}

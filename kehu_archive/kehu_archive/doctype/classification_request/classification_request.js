// The request runs by its workflow; the server asks every step and every field again.

const REPORT = ["reporting_department", "data_scope"];
const PROPOSAL = ["proposed_level", "period_years", "confidential_until", "service_opinion", "need_to_know"];

frappe.ui.form.on("Classification Request", {
	setup(frm) {
		kehu_archive.set_queries(frm, { archive: "open_archive", reporting_department: "active" });
		frm.set_query("user", "need_to_know", () => ({ filters: { enabled: 1, user_type: "System User" } }));
	},

	refresh(frm) {
		kehu_archive.show_customer(frm);
		open_fields(frm);
	},

	archive: (frm) => kehu_archive.show_customer(frm),

	before_workflow_action(frm) {
		return frm.selected_workflow_action === "Return for Correction" ? ask_for_reason(frm) : Promise.resolve();
	},
});

/** What the present step does not ask for is read-only, as the server would refuse it. */
function open_fields(frm) {
	const state = frm.doc.workflow_state || "Reported";
	const has = (...roles) => roles.some((role) => frappe.user.has_role(role));
	const proposes = ["Reported", "Sent Back"].includes(state) && has("Customer Service Staff", "Customer Service Manager");
	const reports = state === "Reported" && (proposes || frm.is_new() || frm.doc.reported_by === frappe.session.user);
	const decides = state === "Proposed" && has("Company Leader");
	const set = (fields, open) => fields.forEach((field) => frm.set_df_property(field, "read_only", open ? 0 : 1));
	set(REPORT, reports);
	set(PROPOSAL, proposes);
	set(["leader_opinion"], decides);
}

/** A proposal goes back with a reason; left unanswered, the step does not go on. */
function ask_for_reason(frm) {
	frappe.dom.unfreeze();
	return new Promise((resolve) => {
		const dialog = new frappe.ui.Dialog({
			title: __("Return for Correction"),
			fields: [
				{
					fieldname: "leader_opinion",
					fieldtype: "Small Text",
					label: __("Company Leader's Opinion"),
					default: frm.doc.leader_opinion,
					reqd: 1,
				},
			],
			primary_action_label: __("Return for Correction"),
			primary_action(values) {
				dialog.hide();
				frm.set_value(values)
					.then(() => frm.is_dirty() && frm.save())
					.then(() => {
						frappe.dom.freeze();
						resolve();
					});
			},
		});
		dialog.show();
	});
}

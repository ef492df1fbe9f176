// A new customer archive from the short dialog: what the form asks for first, and then the form itself.

frappe.provide("frappe.ui.form");

frappe.ui.form.CustomerArchiveQuickEntryForm = class extends frappe.ui.form.QuickEntryForm {
	set_meta_and_mandatory_fields() {
		super.set_meta_and_mandatory_fields();
		const company = 'eval:doc.party_kind !== "Individual"';
		const changes = {
			// A company needs its legal representative, a person has none (R-ARC-02).
			legal_representative: { depends_on: company, mandatory_depends_on: company },
			archive_type: {
				get_query: () => ({ filters: { is_disabled: 0 } }),
				filter_description: __("Disabled entries are not offered"),
			},
		};
		this.mandatory = this.mandatory.map((df) => ({ ...df, ...changes[df.fieldname] }));
	}

	/** There is more to an archive than the dialog asks for, so its form follows, also from the list. */
	open_form_if_not_list() {
		const { doctype, name } = this.dialog.doc;
		frappe.set_route("Form", doctype, name);
	}
};

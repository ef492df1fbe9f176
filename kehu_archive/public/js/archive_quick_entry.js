// A new customer archive from the short dialog: what the form asks for first, and then the form itself.

frappe.provide("frappe.ui.form");

frappe.ui.form.CustomerArchiveQuickEntryForm = class extends frappe.ui.form.QuickEntryForm {
	set_meta_and_mandatory_fields() {
		super.set_meta_and_mandatory_fields();
		const company = 'eval:doc.party_kind !== "Individual"';
		const changes = {
			// A company needs its legal representative, a person has none (R-ARC-02).
			legal_representative: { depends_on: company, reqd: this.doc.party_kind === "Individual" ? 0 : 1 },
			party_kind: { onchange: () => this.require_representative() },
			archive_type: {
				get_query: () => ({ filters: { is_disabled: 0 } }),
				filter_description: __("Disabled entries are not offered"),
			},
		};
		// The dialog reads the fields of its own document, not those it is made with.
		for (const [field, change] of Object.entries(changes)) {
			Object.assign(frappe.meta.get_docfield(this.doctype, field, this.doc.name), change);
		}
	}

	require_representative() {
		const company = this.dialog.get_value("party_kind") !== "Individual";
		this.dialog.set_df_property("legal_representative", "reqd", company ? 1 : 0);
	}

	/** There is more to an archive than the dialog asks for, so its form follows, also from the list. */
	open_form_if_not_list() {
		const { doctype, name } = this.dialog.doc;
		frappe.set_route("Form", doctype, name);
	}
};

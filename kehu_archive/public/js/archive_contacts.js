// The dialogs about contacts (R-CON-05): adding one, and letting a successor take over while the former stays as history.

frappe.provide("kehu_archive.contacts");

(() => {
	const CONTACT = "Archive Contact";
	const ROLE_FIELDS = [
		"is_main_contact",
		"is_legal_representative",
		"is_principal",
		"is_daily_contact",
		"is_emergency_contact",
		"is_leader",
		"is_key_person",
	];

	/** Fields of a dialog, taken from the DocType so that labels and checks are the same. */
	function fields_of(names, required = []) {
		return names.map((name) => {
			if (typeof name !== "string") return name;
			const { fieldname, fieldtype, label, options } = frappe.meta.get_docfield(CONTACT, name);
			return { fieldname, fieldtype, label: __(label), options, reqd: required.includes(name) ? 1 : 0 };
		});
	}

	const with_meta = (callback) => frappe.model.with_doctype(CONTACT, callback);

	kehu_archive.contacts.add = (frm, values) =>
		with_meta(() => {
			const dialog = new frappe.ui.Dialog({
				title: __("Add Contact"),
				fields: fields_of(
					[
						"full_name",
						"position",
						"position_level",
						{ fieldtype: "Column Break" },
						"mobile",
						"phone",
						"email",
						{ fieldtype: "Section Break", label: __("Roles") },
						...ROLE_FIELDS.slice(0, 4),
						{ fieldtype: "Column Break" },
						...ROLE_FIELDS.slice(4),
					],
					["full_name"]
				),
				primary_action_label: __("Save"),
				primary_action(entered) {
					save(frm, dialog, "frappe.client.insert", {
						doc: { doctype: CONTACT, archive: frm.doc.name, ...entered },
					});
				},
			});
			dialog.show();
			dialog.set_values(values || {});
		});

	kehu_archive.contacts.replace = (frm, contact) =>
		with_meta(() => {
			const dialog = new frappe.ui.Dialog({
				title: __("Replace Contact"),
				fields: [
					{
						fieldtype: "HTML",
						fieldname: "explanation",
						options: String(
							kehu_archive.html`<p class="text-muted">${__(
								"{0} stays in the history with the dates of the post; the new contact takes over the post and its roles.",
								[contact.full_name]
							)}</p>`
						),
					},
					...fields_of(
						[
							"full_name",
							"position",
							"started_on",
							{ fieldtype: "Column Break" },
							"mobile",
							"phone",
							"email",
							{ fieldtype: "Section Break" },
						],
						["full_name", "started_on"]
					),
					{ fieldtype: "Small Text", fieldname: "reason", label: __("Reason"), reqd: 1 },
				],
				primary_action_label: __("Replace Contact"),
				primary_action({ full_name, reason, ...values }) {
					save(frm, dialog, "kehu_archive.api.contacts.replace", {
						contact: contact.name,
						full_name,
						values,
						reason,
					});
				},
			});
			dialog.show();
			dialog.set_values({
				position: contact.position,
				phone: contact.phone,
				started_on: frappe.datetime.get_today(),
			});
		});

	function save(frm, dialog, method, args) {
		dialog.disable_primary_action();
		frappe
			.xcall(method, args)
			.then(() => {
				dialog.hide();
				frappe.show_alert({ message: __("Saved"), indicator: "green" });
				// An archive form is reloaded for its mirrored fields; any other form as it is.
				return frm.reload_doc();
			})
			.catch(() => dialog.enable_primary_action());
	}
})();

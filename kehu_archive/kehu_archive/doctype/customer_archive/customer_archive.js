// The form of a customer archive. What it shows beside its own fields comes from one call; the pieces that draw it are in
// kehu_archive.overview.

const COMPANY_FIELDS = [
	"seals",
	"yearly_sales",
	"headcount",
	"chinese_staff",
	"foreign_staff",
	"peer_position",
	"leading_products",
	"corporate_culture",
	"development_policy",
];

frappe.ui.form.on("Customer Archive", {
	setup(frm) {
		kehu_archive.set_queries(frm, {
			archive_type: "active",
			department: "active",
			responsible: "user",
			custodian: "user",
		});
		kehu_archive.set_query(
			frm,
			"storage_location",
			(doc) => {
				const filters = { is_disabled: 0 };
				if (doc.is_important) filters.is_key_customer_store = 1;
				return { filters };
			},
			() =>
				frm.doc.is_important
					? __("Only locations of the key customer store are offered")
					: __("Disabled entries are not offered")
		);
		kehu_archive.set_query(
			frm,
			"party_type",
			() => ({ filters: { name: ["in", ["Customer", "Supplier", "Lead"]] } }),
			() => ""
		);
		kehu_archive.keep_one_pane(frm);
	},

	onload(frm) {
		if (frm.is_new()) prefill_years(frm);
	},

	refresh(frm) {
		show_overview_tab(frm, !frm.is_new());
		show_fields(frm, ["overview_html", "contacts_html", "transactions_html"], !frm.is_new());
		// On a saved archive the contacts are the truth; the three fields only mirror them.
		for (const field of ["legal_representative", "main_contact", "main_contact_phone"]) {
			frm.set_df_property(field, "read_only", frm.is_new() ? 0 : 1);
		}
		apply_party_kind(frm);
		apply_department(frm);
		guard_decisions(frm);
		show_headcount_hint(frm);
		show_banner(frm);
		if (!frm.is_new()) {
			show_state(frm);
			if (!kehu_archive.is_frozen(frm.doc)) add_buttons(frm);
			kehu_archive.overview.load(frm);
		}
	},

	party_kind: apply_party_kind,
	archive_type(frm) {
		if (!frm.is_new() || !frm.doc.archive_type) return;
		frappe.db.get_value("Archive Type", frm.doc.archive_type, "party_kind").then(({ message }) => {
			if (message?.party_kind) frm.set_value("party_kind", message.party_kind);
		});
	},
	department(frm) {
		apply_department(frm, true);
	},
	is_important(frm) {
		if (!frm.doc.is_important || !frm.doc.storage_location) return;
		frappe.db
			.get_value("Storage Location", frm.doc.storage_location, "is_key_customer_store")
			.then(({ message }) => {
				if (!message?.is_key_customer_store) frm.set_value("storage_location", "");
			});
	},
	headcount: show_headcount_hint,
	chinese_staff: show_headcount_hint,
	foreign_staff: show_headcount_hint,

	before_workflow_action(frm) {
		return ask_for_verification(frm);
	},
});

/** A new archive has nothing to look over yet: its form opens on the first tab that is filled in. */
function show_overview_tab(frm, visible) {
	const [overview, basics] = ["tab_overview", "tab_basic"].map((name) =>
		frm.layout.tabs.find((tab) => tab.df.fieldname === name)
	);
	overview.df.hidden = visible ? 0 : 1;
	overview.refresh();
	if (!visible && overview.is_active()) basics.set_active();
}

/** The three years before this one, ready to be filled in (R-FCA-13). */
function prefill_years(frm) {
	if (frm.doc.yearly_sales?.length) return;
	const year = Number(frappe.datetime.get_today().slice(0, 4));
	for (const back of [3, 2, 1]) frm.add_child("yearly_sales", { year: year - back });
	frm.refresh_field("yearly_sales");
}

/** A company needs its legal representative, a person does not (R-ARC-02). */
function apply_party_kind(frm) {
	const company = frm.doc.party_kind !== "Individual";
	const required = company && frm.is_new() ? 1 : 0;
	if (cint(frm.get_field("legal_representative").df.reqd) !== required) {
		frm.toggle_reqd("legal_representative", required);
	}
	show_fields(frm, ["legal_representative", ...COMPANY_FIELDS], company);
	hide_for_department(frm);
}

/** Each department may add and remove items of its form (003 5.1.1, R-FZL-06). */
function apply_department(frm, changed = false) {
	const department = frm.doc.department;
	if (!department) {
		frm.department_items = { hidden: [], extra: [] };
		apply_hidden_change(frm);
		return;
	}
	frappe.model.with_doc("Archive Department", department).then((doc) => {
		if (frm.doc.department !== department || !doc) return;
		frm.department_items = {
			hidden: (doc.hidden_fields || []).map((row) => row.field_name),
			extra: doc.extra_items || [],
		};
		apply_hidden_change(frm);
		if (changed || frm.is_new()) add_extra_items(frm);
	});
}

function apply_hidden_change(frm) {
	show_fields(frm, frm.hidden_for_department || [], true);
	frm.hidden_for_department = [];
	apply_party_kind(frm);
}

function hide_for_department(frm) {
	const hidden = (frm.department_items?.hidden || []).filter((field) => {
		const df = frm.fields_dict[field]?.df;
		return df && !df.reqd;
	});
	show_fields(frm, hidden, false);
	frm.hidden_for_department = hidden;
}

/** Every change lays the whole form out anew, so only real changes are made. */
function show_fields(frm, fields, visible) {
	const hidden = visible ? 0 : 1;
	const changed = fields.filter((field) => cint(frm.get_field(field)?.df.hidden) !== hidden);
	if (changed.length) frm.toggle_display(changed, visible);
}

function add_extra_items(frm) {
	const present = new Set((frm.doc.extra_items || []).map((row) => row.item_label));
	const wanted = frm.department_items.extra.filter((row) => !present.has(row.item_label));
	for (const row of wanted) frm.add_child("extra_items", { item_label: row.item_label });
	if (wanted.length) frm.refresh_field("extra_items");
}

/** Chinese and foreign staff should make the headcount (R-FCA-09): a hint, not a refusal. */
function show_headcount_hint(frm) {
	const { headcount, chinese_staff, foreign_staff } = frm.doc;
	const sum = cint(chinese_staff) + cint(foreign_staff);
	const differs = cint(headcount) && sum && sum !== cint(headcount);
	const text = __("Chinese and foreign staff make {0}, not {1}", [sum, cint(headcount)]);
	const hint = differs ? String(kehu_archive.html`<span class="ka-warning">${text}</span>`) : "";
	frm.get_field("headcount").set_description?.(hint);
}

/** What others decide is read-only here, as the server would refuse it: the verification and the confidentiality. */
function guard_decisions(frm) {
	const state = frm.doc.workflow_state || "Draft";
	const verifies = state === "Submitted" && frappe.user.has_role("Market Inspector");
	const classifies = ["Archivist", "Customer Service Staff", "Customer Service Manager", "Archive Administrator"].some(
		(role) => frappe.user.has_role(role)
	);
	const settled = ["Classified", "Filed", "Updating"].includes(state);
	set_read_only(frm, ["verification_result", "verification_note"], !verifies);
	set_read_only(frm, ["confidentiality"], !classifies || settled);
	set_read_only(frm, ["custodian"], state === "Draft" && !classifies);
}

function set_read_only(frm, fields, read_only) {
	for (const field of fields) {
		if (cint(frm.get_field(field).df.read_only) !== cint(read_only)) {
			frm.set_df_property(field, "read_only", cint(read_only));
		}
	}
}

/** The same state in the same colour as in the list and on the search page. */
function show_state(frm) {
	if (frm.is_dirty()) return;
	const [text, colour] = kehu_archive.archive_indicator(frm.doc);
	frm.page.set_indicator(text, colour);
}

function show_banner(frm) {
	const { merged_into, workflow_state } = frm.doc;
	if (merged_into) {
		const link = kehu_archive.html`<a href="${frappe.utils.get_form_link("Customer Archive", merged_into)}">${merged_into}</a>`;
		frm.set_intro(
			String(kehu_archive.html`${__("This archive was merged into another one and is read-only:")} ${link}`),
			"orange"
		);
	} else if (["Sealed", "Under Appraisal", "Destroyed"].includes(workflow_state)) {
		const text = {
			Sealed: __("This archive is sealed: its content is read-only until the General Manager unseals it"),
			"Under Appraisal": __("This archive is under appraisal: its content is read-only"),
			Destroyed: __("This archive was destroyed"),
		}[workflow_state];
		frm.set_intro(kehu_archive.escape(text), "orange");
	} else {
		frm.set_intro("");
	}
}

function add_buttons(frm) {
	const create = (doctype, label, values = {}) => {
		if (!frappe.model.can_create(doctype)) return;
		frm.add_custom_button(
			label,
			() => kehu_archive.create(doctype, { archive: frm.doc.name, ...values }),
			__("New Record")
		);
	};
	create("Archive Transaction", __("Transaction"));
	create("Customer Feedback", __("Feedback"));
	create("Customer Complaint", __("Complaint"), { complainant: frm.doc.main_contact });
	create("Sensitive Record", __("Sensitive Record"));
}

/** The verification needs its result; ask for it in the same step (R-ARC-08). Left unanswered, the step does not go on. */
function ask_for_verification(frm) {
	if (frm.selected_workflow_action !== "Verify") return Promise.resolve();
	frappe.dom.unfreeze();
	return new Promise((resolve) => {
		const dialog = new frappe.ui.Dialog({
			title: __("Verification"),
			fields: [
				{
					fieldname: "verification_result",
					fieldtype: "Select",
					label: __("Verification Result"),
					options: frappe.meta.get_docfield(frm.doctype, "verification_result").options,
					default: frm.doc.verification_result || "Confirmed",
					reqd: 1,
				},
				{
					fieldname: "verification_note",
					fieldtype: "Small Text",
					label: __("Verification Note"),
					default: frm.doc.verification_note,
				},
			],
			primary_action_label: __("Save"),
			primary_action(values) {
				dialog.hide();
				frm.set_value({ verification_note: "", ...values })
					.then(() => frm.is_dirty() && frm.save())
					.then(() => {
						if (frm.doc.verification_result !== "Confirmed") return;
						frappe.dom.freeze();
						resolve();
					});
			},
		});
		dialog.show();
	});
}

// The form asks the server what its user may do now; every step is asked again there, by the request's name alone.

const CONTENT = [
	"recipient",
	"recipient_contact",
	"purpose",
	"scope",
	"valid_until",
	"items",
	"has_personal_info",
	"personal_info_kinds",
];

frappe.ui.form.on("Disclosure Request", {
	setup(frm) {
		kehu_archive.set_queries(frm, { archive: "open_archive" });
	},

	refresh(frm) {
		kehu_archive.show_customer(frm);
		lock_fields(frm);
		if (!frm.is_new()) add_steps(frm);
	},

	archive: (frm) => kehu_archive.show_customer(frm),
});

/** Approvers decide on what stands there: from the first decision on it stands still. */
function lock_fields(frm) {
	const { status, applicant, approvals } = frm.doc;
	const own = frm.is_new() || applicant === frappe.session.user || frappe.session.user === "Administrator";
	const open = own && (status || "Requested") === "Requested";
	const decided = (approvals || []).some((row) => row.decision);
	const set = (fields, editable) =>
		fields.forEach((field) => frm.set_df_property(field, "read_only", editable ? 0 : 1));
	set(CONTENT, open && !decided);
	set(["consent_evidence", "consent_on"], open);
}

function add_steps(frm) {
	const name = frm.doc.name;
	frappe.xcall("kehu_archive.api.disclosure.steps", { name }).then((open) => {
		if (frm.doc.name !== name || frm.is_dirty()) return;
		const add = (label, action, type) => {
			if (!frm.custom_buttons[label]) frm.add_custom_button(label, () => action(frm)).addClass(type || "btn-default");
		};
		if (open.decide) {
			add(__("Approve"), ask_approval, "btn-primary");
			add(__("Decline"), ask_refusal);
		}
		if (open.hand_over) add(__("Hand Out"), ask_hand_over, "btn-primary");
		if (open.close) add(__("Close Request"), ask_close, "btn-primary");
		if (open.withdraw) add(__("Withdraw"), ask_withdrawal);
	});
}

function run(frm, method, values = {}) {
	return frappe
		.xcall(`kehu_archive.api.disclosure.${method}`, { name: frm.doc.name, ...values })
		.then(() => frm.reload_doc());
}

function ask(frm, title, fields, method) {
	const dialog = new frappe.ui.Dialog({
		title,
		fields,
		primary_action_label: title,
		primary_action(values) {
			run(frm, method, values).then(() => dialog.hide());
		},
	});
	dialog.show();
	return dialog;
}

const opinion = (reqd) => ({ fieldname: "opinion", fieldtype: "Small Text", label: __("Opinion"), reqd: reqd ? 1 : 0 });

const ask_approval = (frm) => ask(frm, __("Approve"), [opinion(false)], "approve");
const ask_refusal = (frm) => ask(frm, __("Decline"), [opinion(true)], "decline");

function ask_withdrawal(frm) {
	frappe.confirm(__("Withdraw this request? It stays on record as withdrawn."), () => run(frm, "withdraw"));
}

/** The recipient signs on the screen, or the signed receipt is attached. */
function recipient_fields(frm) {
	const { received_by_name, recipient_signature, receipt } = frm.doc;
	return [
		{ fieldtype: "Section Break", label: __("Receiving Party") },
		{ fieldname: "received_by_name", fieldtype: "Data", label: __("Received By"), default: received_by_name },
		{
			fieldname: "recipient_signature",
			fieldtype: "Signature",
			label: __("Recipient's Signature"),
			default: recipient_signature,
		},
		{ fieldname: "receipt", fieldtype: "Attach", label: __("Signed Receipt"), default: receipt, options: attach_here(frm) },
	];
}

/** A file in a dialog belongs to nothing; this puts it on the request, privately. */
const attach_here = (frm) => ({ doctype: frm.doctype, docname: frm.docname, make_attachments_public: false });

function ask_hand_over(frm) {
	ask(
		frm,
		__("Hand Out"),
		[
			{ fieldname: "issuer_signature", fieldtype: "Signature", label: __("Issuer's Signature"), reqd: 1 },
			...recipient_fields(frm),
		],
		"hand_over"
	);
}

const ask_close = (frm) => ask(frm, __("Close Request"), recipient_fields(frm), "close");

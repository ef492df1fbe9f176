// The server says which steps are open to this user; the form only offers them.

frappe.ui.form.on("Violation", {
	setup(frm) {
		kehu_archive.set_queries(frm, { archive: "open_archive", person: "user", supervisor: "user" });
	},

	refresh(frm) {
		kehu_archive.show_customer(frm);
		const fixed = !frm.is_new();
		for (const field of ["violation_kind", "happened_on", "archive", "borrowing", "person"]) {
			frm.set_df_property(field, "read_only", fixed ? 1 : 0);
		}
		if (frm.is_new()) return;
		frm.page.set_indicator(...kehu_archive.violation_indicator(frm.doc));
		show_replacement(frm);
		offer(frm);
	},

	archive: (frm) => kehu_archive.show_customer(frm),
});

function show_replacement(frm) {
	const { replacement_due, replaced_on, status } = frm.doc;
	const late = replacement_due && !replaced_on && status !== "Dropped" && replacement_due < frappe.datetime.get_today();
	frm.set_intro(
		late ? kehu_archive.escape(__("The replacement was due on {0}", [kehu_archive.date(replacement_due)])) : "",
		"red"
	);
}

function offer(frm) {
	const { name } = frm.doc;
	const labels = {
		confirm: __("Confirm Penalty"),
		appeal: __("Appeal"),
		close: __("Close Case"),
		drop: __("Drop Case"),
		replace: __("File Replaced"),
	};
	frappe.xcall("kehu_archive.api.borrowing.violation_actions", { name }).then((actions) => {
		if (frm.doc.name !== name || frm.is_dirty()) return;
		for (const action of actions) frm.add_custom_button(labels[action], () => ask_note(frm, action, labels[action]));
	});
}

function ask_note(frm, action, title) {
	const needed = ["appeal", "drop"].includes(action) || (action === "close" && frm.doc.status === "Appealed");
	const send = (values) =>
		frappe
			.xcall("kehu_archive.api.borrowing.violation_step", { name: frm.doc.name, action, note: values.note || "" })
			.then(() => frm.reload_doc());
	if (action === "replace") {
		frappe.confirm(kehu_archive.escape(__("Is the replacement complete and in its place?")), () => send({}));
		return;
	}
	frappe.prompt(
		[{ fieldname: "note", fieldtype: "Small Text", label: needed ? __("Reason") : __("Opinion"), reqd: needed ? 1 : 0 }],
		send,
		title
	);
}

frappe.ui.form.on("Archive Transaction", {
	setup(frm) {
		kehu_archive.set_queries(frm, { archive: "open_archive", responsible: "user" });
	},

	refresh(frm) {
		kehu_archive.show_customer(frm);
		const { transaction_no, transaction_kind, posted_on, amount } = frm.doc;
		if (!transaction_no) {
			kehu_archive.set_heading(
				frm,
				__(transaction_kind),
				kehu_archive.date(posted_on),
				kehu_archive.money(amount)
			);
		}
		if (frm.doc.is_cancelled) {
			frm.disable_form();
			frm.set_intro(
				kehu_archive.escape(__("This transaction is cancelled and does not count in the totals.")),
				"orange"
			);
			return;
		}
		if (frm.is_new() || !frm.perm[0]?.write) return;
		frm.add_custom_button(__("Cancel Transaction"), () => cancel(frm));
	},
});

function cancel(frm) {
	frappe.prompt(
		[{ fieldname: "reason", fieldtype: "Small Text", label: __("Reason"), reqd: 1 }],
		({ reason }) =>
			frappe
				.xcall("kehu_archive.api.transactions.cancel", { transaction: frm.doc.name, reason })
				.then(() => frm.reload_doc()),
		__("Cancel Transaction"),
		__("Cancel Transaction")
	);
}

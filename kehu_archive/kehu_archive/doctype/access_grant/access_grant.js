const MAY_REVOKE = [
	"Customer Service Staff",
	"Customer Service Manager",
	"Archivist",
	"Archive Administrator",
	"Company Leader",
	"General Manager",
];

frappe.ui.form.on("Access Grant", {
	refresh(frm) {
		frm.disable_save();
		const [text, colour] = kehu_archive.grant_indicator(frm.doc);
		frm.page.set_indicator(text, colour);
		kehu_archive.show_customer(frm);
		if (frm.doc.revoked || !MAY_REVOKE.some((role) => frappe.user.has_role(role))) return;
		frm.add_custom_button(__("Revoke"), () => ask_reason(frm));
	},
});

function ask_reason(frm) {
	frappe.prompt(
		[{ fieldname: "reason", fieldtype: "Small Text", label: __("Reason"), reqd: 1 }],
		({ reason }) =>
			frappe
				.xcall("kehu_archive.api.borrowing.revoke_grant", { grant: frm.doc.name, reason })
				.then(() => frm.reload_doc()),
		__("Revoke")
	);
}

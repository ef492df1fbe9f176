frappe.ui.form.on("Archive Merge", {
	refresh(frm) {
		frm.disable_save();
		if (frm.doc.status !== "Merged" || frm.is_new()) return;
		const may_undo = ["Customer Service Manager", "Archive Administrator"].some((role) =>
			frappe.user.has_role(role)
		);
		if (!may_undo) return;
		frm.add_custom_button(__("Undo Merge"), () => {
			frappe.confirm(
				__("Separate the two archives again? Records added since stay with the kept archive."),
				() =>
					frappe
						.xcall("kehu_archive.api.duplicates.undo", { merge: frm.doc.name })
						.then((left) => {
							if (left.length) {
								frappe.msgprint({
									title: __("Not Restored"),
									indicator: "orange",
									message: left.map((line) => kehu_archive.escape(line)).join("<br>"),
								});
							}
							frm.reload_doc();
						})
			);
		});
	},
});

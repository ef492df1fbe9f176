frappe.listview_settings["Grading Scheme"] = {
	add_fields: ["is_disabled", "for_access", "for_contact", "for_analysis", "method"],
	hide_name_column: true,

	onload(listview) {
		if (!frappe.model.can_create("Grading Scheme")) return;
		listview.page.add_inner_button(__("Preset Schemes"), () => kehu_archive.grading.ask_preset(() => listview.refresh()));
	},

	get_indicator(doc) {
		if (cint(doc.is_disabled)) return [__("Switched Off"), "gray", "is_disabled,=,1"];
		const purposes = kehu_archive.grading.purposes_of(doc);
		if (!purposes.length) return [__("Not Bound"), "blue", "for_access,=,0|for_contact,=,0|for_analysis,=,0"];
		const words = purposes.map(kehu_archive.grading.purpose).join(__(", "));
		return [__("Used for {0}", [words]), "green", `for_${purposes[0].toLowerCase()},=,1`];
	},
};

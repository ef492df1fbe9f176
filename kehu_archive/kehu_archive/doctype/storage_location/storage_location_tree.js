frappe.treeview_settings["Storage Location"] = {
	title: __("Storage Locations"),
	breadcrumb: "Kehu Archive",
	root_label: __("All Storage Locations"),
	// The framework looks for one root record; locations may have many, or none yet.
	get_tree_root: false,
	onload(treeview) {
		treeview.root_value = "";
		treeview.make_tree();
	},
	get_label(node) {
		const title = node.title || node.data?.title;
		if (!title || title === node.label) return kehu_archive.escape(node.label);
		return String(kehu_archive.html`${title} <span class="text-muted">(${node.label})</span>`);
	},

	fields: [
		{ fieldtype: "Data", fieldname: "location_code", label: __("Location Code"), reqd: 1 },
		{ fieldtype: "Data", fieldname: "location_name", label: __("Location Name"), reqd: 1 },
		{
			fieldtype: "Select",
			fieldname: "location_kind",
			label: __("Location Kind"),
			options: ["Room", "Cabinet", "Rack", "Shelf", "Box"].map((value) => ({ value, label: __(value) })),
			default: "Room",
			reqd: 1,
		},
		{ fieldtype: "Check", fieldname: "is_group", label: __("Group") },
		{ fieldtype: "Check", fieldname: "is_key_customer_store", label: __("Key Customer Store") },
	],
	ignore_fields: ["parent_storage_location"],

	toolbar: [
		{
			label: __("Archives Kept Here"),
			condition: (node) => !node.is_root,
			click: (node) =>
				kehu_archive.open_list("Customer Archive", { storage_location: node.data.value }),
		},
	],
	extend_toolbar: true,
};

frappe.listview_settings["Archive Import"] = {
	get_indicator(doc) {
		const colours = {
			New: "gray",
			Previewed: "blue",
			Queued: "orange",
			Running: "orange",
			Completed: doc.rejected_rows ? "yellow" : "green",
			Failed: "red",
		};
		return [__(doc.status), colours[doc.status], `status,=,${doc.status}`];
	},
};

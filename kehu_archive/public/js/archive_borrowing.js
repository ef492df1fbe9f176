// Borrowing as seen from other screens: the button and the state on the archive's form, colours of grants and violations.

frappe.provide("kehu_archive");

(() => {
	const VIOLATION_COLOURS = {
		Proposed: "orange",
		Confirmed: "red",
		Appealed: "purple",
		Closed: "gray",
		Dropped: "gray",
	};

	kehu_archive.violation_indicator = (doc) => [
		__(doc.status),
		VIOLATION_COLOURS[doc.status] || "gray",
		`status,=,${doc.status}`,
	];

	/** A grant holds while its clock runs; nobody writes that it has ended. */
	kehu_archive.grant_indicator = (doc) => {
		if (cint(doc.revoked)) return [__("Revoked"), "red", "revoked,=,1"];
		const now = frappe.datetime.now_datetime();
		if (doc.ends_on <= now) return [__("Ended"), "gray", `ends_on,<=,${now}`];
		return [__("In Force"), "green", `ends_on,>,${now}`];
	};

	const PLACE_COLOURS = { Lent: "yellow", Overdue: "red", Lost: "red" };

	frappe.ui.form.on("Customer Archive", {
		refresh(frm) {
			if (frm.is_new() || frm.doc.merged_into) return;
			if (frappe.model.can_create("Archive Borrowing")) {
				frm.add_custom_button(__("Apply to Borrow"), () =>
					kehu_archive.create("Archive Borrowing", { archive: frm.doc.name })
				);
			}
			show_place(frm);
		},
	});

	/** In place, lent, overdue or lost (R-ACC-16); who has it only for those who may know. */
	function show_place(frm) {
		const archive = frm.doc.name;
		frappe.xcall("kehu_archive.api.borrowing.availability", { archive }).then((place) => {
			if (frm.doc.name !== archive || place.state === "In Place") return;
			const parts = [__(place.state)];
			if (place.holder) parts.push(place.holder);
			if (place.due_on) parts.push(__("due back on {0}", [kehu_archive.date(place.due_on)]));
			frm.dashboard.add_indicator(kehu_archive.escape(parts.join(" · ")), PLACE_COLOURS[place.state]);
		});
	}
})();

// What the screens of grading have in common: grades in their colour, numbers that lead to their records, tables and small charts.

frappe.provide("kehu_archive.grading");

(() => {
	const { html } = kehu_archive;
	const COLOURS = ["red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink", "gray"];
	const CHANGES = { "First Grade": "blue", Up: "green", Down: "orange", Same: "gray", "No Longer Graded": "red" };
	Object.assign(kehu_archive.colours, {
		...CHANGES,
		Active: "green",
		Ended: "gray",
		Waiting: "gray",
		Computing: "orange",
		Computed: "blue",
		Applying: "orange",
		Applied: "green",
		"No Changes": "gray",
		Failed: "red",
		Planned: "gray",
		Running: "blue",
		Completed: "green",
		Stopped: "red",
		Rejected: "red",
		"No Deal": "gray",
	});
	const HEX = {
		red: "#e24c4c",
		orange: "#e8a33d",
		yellow: "#ecc94b",
		green: "#38a169",
		cyan: "#319795",
		blue: "#2f5d8a",
		purple: "#805ad5",
		pink: "#d53f8c",
		gray: "#a0aec0",
	};

	const known = (colour) => (COLOURS.includes(colour) ? colour : "gray");

	kehu_archive.grading.hex = (colour) => HEX[known(colour)];

	/** A grade in its colour; without a grade a word that says so. */
	kehu_archive.grading.badge = (label, colour) =>
		html`<span class="indicator-pill no-indicator-dot ka-grade ka-nowrap ${label ? known(colour) : "gray"}">${label || __("Not Graded")}</span>`;

	/** How a grade moved, in a word: the first grade of a customer is no new record. */
	const change_word = (kind) => __(kind);

	kehu_archive.grading.change = (kind) =>
		kind ? html`<span class="indicator-pill ka-nowrap ${CHANGES[kind] || "gray"}">${change_word(kind)}</span>` : "";

	kehu_archive.grading.change_indicator = (doc) =>
		doc.change_kind ? [change_word(doc.change_kind), CHANGES[doc.change_kind] || "gray", `change_kind,=,${doc.change_kind}`] : null;

	/** What a scheme is used for, in words. */
	kehu_archive.grading.purpose = (purpose) =>
		({ Access: __("Access Rights"), Contact: __("Frequency of Contact"), Analysis: __("Analysis") })[purpose] || __(purpose);

	/** The purposes of a scheme by its boxes. */
	kehu_archive.grading.purposes_of = (doc) =>
		Object.entries({ for_access: "Access", for_contact: "Contact", for_analysis: "Analysis" })
			.filter(([field]) => cint(doc[field]))
			.map(([, purpose]) => purpose);

	kehu_archive.grading.empty = (text) => html`<div class="ka-empty">${text}</div>`;

	/** The address of a list with its filters set. */
	kehu_archive.grading.list_url = (doctype, filters) => {
		const value = (one) => (Array.isArray(one) ? JSON.stringify(one) : one);
		const asked = Object.entries(filters).map(([field, one]) => `${encodeURIComponent(field)}=${encodeURIComponent(value(one))}`);
		// The framework's versions differ in where the Desk lies.
		const form = frappe.utils.get_form_link(doctype, "name");
		return `${form.slice(0, form.lastIndexOf("/"))}?${asked.join("&")}`;
	};

	/** A number of a report that leads to the records behind it: `behind` is [DocType, filters] or null. */
	kehu_archive.grading.number = (shown, behind) =>
		behind && frappe.model.can_read(behind[0])
			? `<a href="${kehu_archive.escape(kehu_archive.grading.list_url(...behind))}">${shown}</a>`
			: shown;

	/** A table from heads and rows of cells; a head is a text or {text, number: true}. */
	kehu_archive.grading.table = (heads, rows, name = "") => {
		const is_number = heads.map((head) => Boolean(head.number));
		const cell = (value, index) => html`<td class="${is_number[index] ? "ka-number" : ""}">${value}</td>`;
		return html`<div class="ka-table-scroll" tabindex="0"><table class="table table-bordered table-sm ${name}">
			<thead><tr>${heads.map((head) => html`<th class="${head.number ? "ka-number" : ""}">${head.text ?? head}</th>`)}</tr></thead>
			<tbody>${rows.map((row) => html`<tr>${row.map(cell)}</tr>`)}</tbody>
		</table></div>`;
	};

	/** Names and values as the overview shows them. */
	kehu_archive.grading.facts = (facts) =>
		html`<dl class="ka-facts">${facts
			.filter(([, value]) => value !== null && value !== undefined && value !== "")
			.map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`;

	kehu_archive.grading.archive_link = (name, text) =>
		html`<a href="${frappe.utils.get_form_link("Customer Archive", name)}">${text || name}</a>`;

	/** A chart that never animates: while it does, a change of size fails. It is drawn once its box has a width, as in a dialog that still opens. */
	kehu_archive.grading.chart = (box, options, tries = 40) => {
		if (!box || !options.data.labels.length || !tries) return;
		if (!box.isConnected || !box.offsetWidth) {
			setTimeout(() => kehu_archive.grading.chart(box, options, tries - 1), 50);
			return;
		}
		new frappe.Chart(box, { height: 200, animate: 0, disableEntryAnimation: 1, ...options });
	};
})();

/** Offer the grades of the document's scheme in a text field; what is typed besides stays and is refused by the server. */
kehu_archive.grading.offer_grades = (frm, field) => {
	const { scheme } = frm.doc;
	if (!scheme) return;
	frappe.xcall("kehu_archive.api.grading_schemes.grades", { scheme }).then((grades) => {
		if (frm.doc.scheme !== scheme) return;
		const control = frm.get_field(field);
		const list = `ka-grades-${frm.doctype.replace(/\W/g, "-")}`;
		control.$wrapper.find("datalist").remove();
		control.$wrapper.append(
			String(kehu_archive.html`<datalist id="${list}">${grades.map((one) => kehu_archive.html`<option value="${one}"></option>`)}</datalist>`)
		);
		control.$input?.attr("list", list);
		control.set_description?.(grades.length ? __("One of: {0}", [grades.map(kehu_archive.escape).join(__(", "))]) : "");
	});
};

// What more than one screen of the customer archives uses. Loaded with the Desk, so it holds no page of its own.

frappe.provide("kehu_archive");

(() => {
	/** Markup that may be inserted as it is; everything else is escaped. */
	class Markup {
		constructor(text) {
			this.text = text;
		}

		toString() {
			return this.text;
		}
	}

	const escape_map = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "`": "&#96;" };

	kehu_archive.escape = (value) =>
		String(value ?? "").replace(/[&<>"'`]/g, (character) => escape_map[character]);

	function as_markup(value) {
		if (value instanceof Markup) return value.text;
		if (Array.isArray(value)) return value.map(as_markup).join("");
		if (value === null || value === undefined || value === false) return "";
		return kehu_archive.escape(value);
	}

	/** Tagged template: whatever is interpolated is escaped, unless it comes from this tag itself. */
	kehu_archive.html = (strings, ...values) =>
		new Markup(
			strings.reduce((text, part, index) => text + as_markup(values[index - 1]) + part)
		);

	/** Amount in yuan as the user's settings show it; plain text. */
	kehu_archive.money = (amount) => format_currency(amount || 0, "CNY");

	kehu_archive.date = (value) => {
		if (!value) return "";
		return frappe.datetime.str_to_user(String(value).slice(0, 10));
	};

	/** Route to a list with filters already set. */
	kehu_archive.open_list = (doctype, filters) => {
		frappe.route_options = filters;
		frappe.set_route("List", doctype, "List");
	};

	/** A new document with its archive already filled in. */
	kehu_archive.create = (doctype, values) => frappe.new_doc(doctype, values);

	/** Colours of the states of the life cycle and of the smaller ones; one place for list, form and overview. */
	kehu_archive.colours = {
		Draft: "gray",
		Submitted: "orange",
		Verified: "cyan",
		Classified: "blue",
		Filed: "green",
		Updating: "yellow",
		Sealed: "purple",
		"Under Appraisal": "pink",
		Destroyed: "red",
		Registered: "red",
		"In Progress": "orange",
		Closed: "green",
		Requested: "orange",
		Approved: "blue",
		Lent: "yellow",
		Returned: "green",
		Overdue: "red",
		Lost: "red",
		Refused: "gray",
		Withdrawn: "gray",
		"In Post": "green",
		"Left Post": "gray",
		Prospective: "gray",
		Existing: "green",
		Opinion: "blue",
		Suggestion: "cyan",
		Need: "purple",
		Complaint: "red",
	};

	/** Indicator of a list row for a field whose values have a colour here. */
	kehu_archive.indicator = (doc, field) => {
		const value = doc[field];
		if (!value) return null;
		return [__(value), kehu_archive.colours[value] || "gray", `${field},=,${value}`];
	};

	/** A merged archive is no archive in use, whatever state it stopped in. */
	kehu_archive.archive_indicator = (doc) => {
		if (doc.merged_into) return [__("Merged"), "gray", "merged_into,is,set"];
		return kehu_archive.indicator(doc, "workflow_state") || [__("Draft"), kehu_archive.colours.Draft, ""];
	};

	kehu_archive.pill = (value) => {
		const colour = kehu_archive.colours[value] || "gray";
		return kehu_archive.html`<span class="indicator-pill ${colour}">${__(value)}</span>`;
	};

	/** Percentage with a bar; used in the list and on the overview. */
	kehu_archive.bar = (percent) => {
		const value = Math.max(0, Math.min(100, Math.round(flt(percent))));
		const tone = value >= 100 ? "full" : value >= 60 ? "middle" : "low";
		return kehu_archive.html`<span class="ka-bar ka-bar-${tone}" role="progressbar" aria-valuemin="0"
			aria-valuemax="100" aria-valuenow="${value}" aria-label="${__("Completeness")}"
			><span style="width: ${value}%"></span></span> <span class="ka-bar-text">${value}%</span>`;
	};

	const QUERIES = {
		user: {
			query: () => ({ filters: { enabled: 1, user_type: "System User" } }),
			text: () => __("Only users who can log in are offered"),
		},
		active: {
			query: () => ({ filters: { is_disabled: 0 } }),
			text: () => __("Disabled entries are not offered"),
		},
		own_contact: {
			query: (doc) => ({ filters: { archive: doc.archive || "" } }),
			text: () => __("Only contacts of this customer are offered"),
		},
		open_archive: {
			query: () => ({ filters: { merged_into: ["is", "not set"] } }),
			text: () => __("Merged archives are not offered"),
		},
		// Also files that one may find but not read (V-18): a request is the way to them.
		findable_archive: {
			query: () => ({ query: "kehu_archive.api.search.request_query" }),
			text: () => __("Merged archives are not offered"),
		},
	};

	/** Only enabled users, only active masters, only contacts of the chosen archive: the same in every form. */
	kehu_archive.set_queries = (frm, fields) => {
		for (const [field, kind] of Object.entries(fields)) {
			kehu_archive.set_query(frm, field, QUERIES[kind].query, QUERIES[kind].text);
		}
	};

	/** A query with its own words under the offers; the framework's would name fields and operators. */
	kehu_archive.set_query = (frm, field, query, text) => {
		frm.set_query(field, query);
		const control = frm.get_field(field);
		if (control) control.get_filter_description = text;
	};

	/** Nothing is added to or changed in such an archive (R-ARC-21). */
	kehu_archive.is_frozen = (archive) =>
		Boolean(archive.merged_into) ||
		["Sealed", "Under Appraisal", "Destroyed"].includes(archive.workflow_state);

	/**
	 * Panes that fade are both active for a moment; a field left by the Tab key at that moment brought back the pane
	 * just left, under the other tab. Without the fading there is no such moment.
	 */
	kehu_archive.keep_one_pane = (frm) => {
		for (const tab of frm.layout?.tabs || []) tab.wrapper.removeClass("fade");
	};

	/** A heading for records that have no name of their own: what makes sense of those `parts` that are filled. */
	kehu_archive.heading = (...parts) => parts.filter(Boolean).join(" ");

	/** The heading in place of the record's name, which is a random one. */
	kehu_archive.set_heading = (frm, ...parts) => {
		const text = kehu_archive.heading(...parts);
		if (frm.is_new() || !text) return;
		frm.page.set_title(kehu_archive.escape(text));
		frappe.utils.set_title(text);
	};

	/** DocType -> the field through which it hangs on its archive; only through it may a list show the customer's name. */
	const HANGS_BY = {
		"Archive Contact": "archive",
		"Archive Transaction": "archive",
		"Sensitive Record": "archive",
		"Customer Complaint": "archive",
		"Customer Feedback": "archive",
		"Archive Merge": "target_archive",
		"Grade Assignment": "archive",
		"Grading Run Result": "archive",
	};

	/**
	 * What the lists of our records have in common: room for the columns that belong together on a usual screen, where
	 * the framework shows four, and the customer's name instead of his number where the record hangs on his archive. `heading` gives
	 * the text of a row without a title, in place of its random name.
	 */
	kehu_archive.set_up_list = (listview, columns, heading = null) => {
		if (heading) give_headings(listview, heading);
		const field = HANGS_BY[listview.doctype];
		if (field && frappe.model.can_read("Customer Archive")) listview.link_field_title_fields[field] = "customer_name";
		if (window.innerWidth < 1200 || listview.list_view_settings?.total_fields) return;
		listview.list_view_settings = { ...listview.list_view_settings, total_fields: columns };
		listview.setup_columns();
		listview.render_header?.(true);
	};

	function give_headings(listview, heading) {
		const prepare_data = listview.prepare_data.bind(listview);
		const title = listview.meta.title_field;
		listview.prepare_data = (answer) => {
			prepare_data(answer);
			for (const row of listview.data) row[title] = row[title] || heading(row);
		};
	}

	/** The name of a user for a list, escaped. */
	kehu_archive.user = (value) => kehu_archive.escape(value ? frappe.user.full_name(value) : "");

	/** The customer's name beside the archive number that a link field shows. */
	kehu_archive.show_customer = (frm, field = "archive") => {
		const archive = frm.doc[field];
		frm.get_field(field)?.set_description?.("");
		if (!archive) return;
		frappe.xcall("kehu_archive.api.search.customer_of", { name: archive }).then((customer) => {
			if (frm.doc[field] !== archive || !customer) return;
			frm.get_field(field).set_description(kehu_archive.escape(customer));
		});
	};

	// The card of expiring licences counts by a method of its own, so it cannot know where to lead: this does.
	$(document).on("click", '[number_card_name="Licences Expiring"] .widget-body', () => {
		frappe.xcall("kehu_archive.api.overview.licence_horizon").then((day) => {
			kehu_archive.open_list("Customer Archive", {
				"Customer Archive Licence.valid_until": ["between", ["2000-01-01", day]],
			});
		});
	});
})();

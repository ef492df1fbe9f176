// Quick search and merging, for the Desk page, the list and the forms.
//
//   kehu_archive.lookup.open(text)              the page Customer Lookup, with this text in the box
//   kehu_archive.lookup.find(text, limit)       promise of the archives that answer
//   kehu_archive.lookup.card(name)              promise of one archive's card
//   kehu_archive.lookup.apply(name)             a new request to borrow this archive
//   kehu_archive.lookup.attach(listview)        a search box on a list of Customer Archive (call it in the list's onload)
//   kehu_archive.merge.ask(one, other, after)   dialog that merges two archives; after() when it is done

frappe.provide("kehu_archive.lookup");
frappe.provide("kehu_archive.merge");

(() => {
	const { html } = kehu_archive;
	const ARCHIVE = "Customer Archive";
	const MOST_IN_LIST = 100;

	function read(method, args) {
		return new Promise((resolve, reject) => {
			frappe.call({
				method: `kehu_archive.api.${method}`,
				type: "GET",
				args,
				callback: (answer) => resolve(answer.message),
				error: reject,
			});
		});
	}

	kehu_archive.lookup.find = (text, limit) =>
		read("search.find", limit ? { query: text, limit } : { query: text });

	kehu_archive.lookup.card = (name) => read("search.card", { name });

	/** A request for a file that one may find but not read (V-18). */
	kehu_archive.lookup.apply = (name) => frappe.new_doc("Archive Borrowing", { archive: name });

	kehu_archive.lookup.open = (text) => {
		frappe.route_options = text ? { text } : null;
		frappe.set_route("customer-lookup");
	};

	kehu_archive.lookup.attach = (listview) => {
		if (listview.kehu_lookup) return;
		let asked = 0;
		const search = async () => {
			const text = $input.val().trim();
			const mine = ++asked;
			const names = text
				? (await kehu_archive.lookup.find(text, MOST_IN_LIST))
						.filter((row) => !row.limited)
						.map((row) => row.name)
				: [];
			// A later question has overtaken this one.
			if (mine !== asked) return;
			await listview.filter_area.remove("name");
			if (!text) return;
			if (!names.length) {
				frappe.show_alert({ message: __("No archive found for this text"), indicator: "orange" });
				names.push("-");
			}
			await listview.filter_area.add([[ARCHIVE, "name", "in", names.join(",")]]);
		};
		// Not a field of the page: the list would take its value for a filter of its own.
		const $box = $(
			String(html`<div class="form-group frappe-control input-max-width col-md-2">
				<input type="search" class="form-control input-xs" maxlength="140" autocomplete="off"
					aria-label="${__("Quick Search")}" placeholder="${__("Quick Search")}" /></div>`)
		);
		const $input = $box.find("input").on("input", frappe.utils.debounce(search, 300));
		const $filters = listview.page.page_form.find(".standard-filter-section");
		$box.prependTo($filters.length ? $filters : listview.page.page_form);
		listview.kehu_lookup = $input;
	};

	kehu_archive.merge.ask = (one, other, after) => {
		const dialog = new frappe.ui.Dialog({
			title: __("Merge Two Archives"),
			fields: [
				{
					fieldname: "target",
					fieldtype: "Select",
					label: __("Archive to Keep"),
					options: [one, other],
					default: one,
					reqd: 1,
					onchange: () => show_preview(dialog, one, other),
				},
				{ fieldname: "preview", fieldtype: "HTML" },
				{ fieldname: "reason", fieldtype: "Small Text", label: __("Reason"), reqd: 1 },
			],
			primary_action_label: __("Merge"),
			primary_action({ target, reason }) {
				const source = target === one ? other : one;
				dialog.disable_primary_action();
				frappe
					.xcall("kehu_archive.api.duplicates.merge", { source, target, reason })
					.then((trace) => {
						dialog.hide();
						const link = html`<a href="${frappe.utils.get_form_link("Archive Merge", trace)}">${trace}</a>`;
						frappe.show_alert({
							message: `${__("Merged. The trace is kept and can undo it:")} ${link}`,
							indicator: "green",
						});
						after?.(target);
					})
					.catch(() => dialog.enable_primary_action());
			},
		});
		dialog.show();
		show_preview(dialog, one, other);
	};

	function show_preview(dialog, one, other) {
		const target = dialog.get_value("target");
		const source = target === one ? other : one;
		const $box = dialog.get_field("preview").$wrapper.empty();
		read("duplicates.preview", { source, target }).then((plan) => {
			if (dialog.get_value("target") !== target) return;
			$box.html(String(preview(source, target, plan)));
		});
	}

	function preview(source, target, plan) {
		const label = (field) => __(frappe.meta.get_label(ARCHIVE, field));
		const records = Object.entries(plan.records).map(
			([doctype, count]) => html`<li>${__(doctype)}: ${count}</li>`
		);
		const filled = Object.entries(plan.filled).map(
			([field, value]) => html`<li>${label(field)}: ${value}</li>`
		);
		const kept = Object.entries(plan.kept).map(
			([field, [stays, left]]) => html`<li>${label(field)}: <b>${stays}</b> <s>${left}</s></li>`
		);
		const part = (title, items) => (items.length ? html`<h6>${title}</h6><ul>${items}</ul>` : "");
		return html`<p>${__("{0} becomes read-only and points to {1}.", [source, target])}</p>
			${
					plan.same_people.length
						? html`<p class="text-warning">${__("These people stand in both archives and will stand twice; clean up after merging: {0}", [plan.same_people.join(", ")])}</p>`
						: ""
				}
				${part(__("Records that move"), records)} ${part(__("Fields that are filled"), filled)}
			${part(__("Fields that differ; the struck-out value stays in the trace"), kept)}`;
	}
})();

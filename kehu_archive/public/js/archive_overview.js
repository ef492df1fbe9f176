// Draws what the form of a customer archive shows beside its fields: overview, contacts and transactions.
// Everything comes from one call; every value is escaped by kehu_archive.html.

frappe.provide("kehu_archive.overview");

(() => {
	const { html, date, money } = kehu_archive;

	const ROLES = {
		is_legal_representative: () => __("Legal Representative"),
		is_principal: () => __("Principal"),
		is_main_contact: () => __("Main Contact"),
		is_daily_contact: () => __("Day-to-day Contact"),
		is_emergency_contact: () => __("Emergency Contact"),
		is_leader: () => __("Important Leader"),
		is_key_person: () => __("Key Person"),
	};

	kehu_archive.overview.load = (frm) => {
		const archive = frm.doc.name;
		return frappe
			.xcall("kehu_archive.api.overview.get", { archive })
			.then((data) => {
				// The user may have gone on to another archive while the answer was under way.
				if (frm.doc.name !== archive || frm.is_new()) return;
				const frozen = kehu_archive.is_frozen(frm.doc);
				if (frozen) data.may_create = {};
				data.may_write = Boolean(frm.perm[0]?.write) && !frozen;
				frm.overview = data;
				show_completeness(frm, data.completeness.percent);
				draw(frm, "overview_html", overview(data, frm.doc));
				draw(frm, "contacts_html", contacts_tab(data));
				draw(frm, "transactions_html", transactions_table(data, frm.doc));
				draw_chart(frm, data.years);
			})
			.catch(() => {
				draw(frm, "overview_html", empty(__("The overview could not be loaded. Reload the page.")));
			});
	};

	/** The stored figure follows what was just found; the field of the form too, without making the form dirty. */
	function show_completeness(frm, percent) {
		if (cint(frm.doc.completeness) === percent) return;
		frm.doc.completeness = percent;
		frm.refresh_field("completeness");
	}

	function draw(frm, field, markup) {
		const $wrapper = frm.get_field(field)?.$wrapper;
		if (!$wrapper) return;
		$wrapper.html(String(markup));
		$wrapper.find("[data-act]").on("click", (event) => {
			event.preventDefault();
			act(frm, event.currentTarget.dataset);
		});
	}

	/** What a button of the overview does. Its data attributes name the action and its values. */
	function act(frm, data) {
		const archive = frm.doc.name;
		const actions = {
			jump: () => frm.scroll_to_field(data.field),
			list: () => kehu_archive.open_list(data.doctype, { archive }),
			open: () => frappe.set_route("Form", data.doctype, data.name),
			reveal: () => kehu_archive.vault.reveal(data.name, data.title),
			create: () =>
				kehu_archive.create(data.doctype, { archive, ...JSON.parse(data.values || "{}") }),
			"add-contact": () => kehu_archive.contacts.add(frm, JSON.parse(data.values || "{}")),
			"replace-contact": () =>
				kehu_archive.contacts.replace(
					frm,
					frm.overview.contacts.find((contact) => contact.name === data.name)
				),
		};
		actions[data.act]();
	}

	const empty = (text) => html`<div class="ka-empty">${text}</div>`;

	const panel = (title, body, { wide = false, span = false, more = null } = {}) => html`
		<section class="ka-panel ${wide ? "ka-wide" : ""} ${span ? "ka-span" : ""}">
			<h5><span>${title}</span>${more}</h5>
			${body}
		</section>`;

	const more_button = (doctype) => html`<button type="button" class="btn btn-link ka-more" data-act="list"
		data-doctype="${doctype}">${__("Show All")}</button>`;

	function overview(data, doc) {
		return html`<div class="ka-overview">
			<div class="ka-grid">
				${panel(__("Completeness"), completeness(data))}
				${panel(__("Alerts"), alerts(data))}
				${panel(__("Purchase Summary"), summary(data.summary, doc), {
					more: more_button("Archive Transaction"),
				})}
			</div>
			<div class="ka-grid">
				${panel(__("Contacts"), contact_cards(active(data.contacts).slice(0, 6), false, data), { wide: true })}
			</div>
			<div class="ka-grid">
				${panel(__("Transactions by Year"), chart_box(data.years), { span: true })}
				${panel(__("Sensitive Records"), sensitive(data))}
				${panel(__("Timeline"), timeline(data.timeline), { wide: true })}
			</div>
		</div>`;
	}

	function completeness({ completeness: { percent, missing }, may_create, may_write }) {
		const possible = (item) => (item.doctype ? may_create[item.doctype] : may_write);
		const explain = missing.some(possible) ? __("Missing; choose an item to enter it:") : __("Missing:");
		const button = (item) => {
			if (!possible(item)) return html`<span class="ka-tag">${item.label}</span>`;
			if (!item.doctype) {
				return html`<button type="button" data-act="jump" data-field="${item.field}">${item.label}</button>`;
			}
			const act = item.doctype === "Archive Contact" ? "add-contact" : "create";
			return html`<button type="button" data-act="${act}" data-doctype="${item.doctype}"
				data-values="${JSON.stringify(item.values)}">${item.label}</button>`;
		};
		return html`<div class="ka-score">${kehu_archive.bar(percent)}</div>
			${
				missing.length
					? html`<div class="text-muted">${explain}</div>
						<ul class="ka-missing">${missing.map((item) => html`<li>${button(item)}</li>`)}</ul>`
					: empty(__("Nothing is missing."))
			}`;
	}

	function alerts({ alerts: rows, may_write }) {
		if (!rows.length) return empty(__("Nothing needs attention."));
		const button = (row) => {
			if (row.field && !may_write) return row.text;
			return row.field
				? html`<button type="button" data-act="jump" data-field="${row.field}">${row.text}</button>`
				: html`<button type="button" data-act="list" data-doctype="${row.list}">${row.text}</button>`;
		};
		return html`<ul class="ka-alerts">${rows.map((row) => html`<li class="ka-${row.level}">${button(row)}</li>`)}</ul>`;
	}

	function summary(data, doc) {
		const tags = data.preferences.map((row) => html`<span class="ka-tag" title="${__(row.category)}">${row.text}</span>`);
		const tail = tags.length ? html`<div class="ka-tags">${tags}</div>` : "";
		const status = html`<div class="ka-tags"><span class="ka-tag">${__(doc.market_status)}</span></div>`;
		if (!data.deals) return html`${status}${empty(__("No transactions yet."))}${tail}`;
		const since = data.days_since === null ? "" : __("{0} days ago", [data.days_since]);
		return html`${status}<dl class="ka-facts">
				<dt>${__("Number of Transactions")}</dt><dd>${data.deals}</dd>
				<dt>${__("Total Amount")}</dt><dd>${money(data.total)}</dd>
				<dt>${__("Average Amount")}</dt><dd>${money(data.average)}</dd>
				<dt>${__("First Transaction")}</dt><dd>${date(data.first_on)}</dd>
				<dt>${__("Last Transaction")}</dt><dd>${date(data.last_on)}${since ? html` <span class="text-muted">(${since})</span>` : ""}</dd>
			</dl>${tail}`;
	}

	const active = (contacts) => contacts.filter((contact) => contact.status === "In Post");

	function contact_cards(contacts, with_buttons, data) {
		if (!contacts.length) {
			return html`${empty(__("No contacts yet."))}${add_contact_button(data)}`;
		}
		return html`<div class="ka-contacts">${contacts.map((contact) => contact_card(contact, with_buttons, data))}</div>`;
	}

	const contact_lines = (contact) =>
		[
			contact.mobile && html`<a href="tel:${contact.mobile}">${contact.mobile}</a>`,
			contact.direct_line,
			contact.phone,
			contact.email && html`<a href="mailto:${contact.email}">${contact.email}</a>`,
		].filter(Boolean);

	function contact_period(contact) {
		if (contact.status === "In Post") {
			return contact.started_on && __("since {0}", [date(contact.started_on)]);
		}
		return __("{0} to {1}", [date(contact.started_on) || "?", date(contact.ended_on) || "?"]);
	}

	function contact_card(contact, with_buttons, { may_create }) {
		const roles = Object.keys(ROLES).filter((role) => contact[role]);
		const left = contact.status !== "In Post";
		const buttons =
			with_buttons &&
			html`<div class="ka-actions">
				<button type="button" class="btn btn-default btn-xs" data-act="open" data-doctype="Archive Contact"
					data-name="${contact.name}">${__("View Details")}</button>
				${
					!left &&
					may_create["Archive Contact"] &&
					html`<button type="button" class="btn btn-default btn-xs" data-act="replace-contact"
						data-name="${contact.name}">${__("Replace Contact")}</button>`
				}
			</div>`;
		return html`<article class="ka-contact ${left ? "ka-left" : ""}" data-contact="${contact.name}">
			<div class="ka-name">${contact.full_name}</div>
			<div class="ka-sub">${[contact.position, contact.position_level, contact_period(contact)]
				.filter(Boolean)
				.join(" · ")}</div>
			<div class="ka-tags">${roles.map((role) => html`<span class="ka-tag">${ROLES[role]()}</span>`)}</div>
			${contact_lines(contact).map((line) => html`<div>${line}</div>`)}
			${buttons}
		</article>`;
	}

	const add_contact_button = ({ may_create }) =>
		may_create["Archive Contact"]
			? html`<div class="ka-actions"><button type="button" class="btn btn-default btn-sm"
					data-act="add-contact">${__("Add Contact")}</button></div>`
			: "";

	function contacts_tab(data) {
		const former = data.contacts.filter((contact) => contact.status !== "In Post");
		const present = active(data.contacts);
		return html`${present.length ? add_contact_button(data) : ""}
			${contact_cards(present, true, data)}
			${
				former.length
					? html`<h5 class="ka-former">${__("Former Contacts")}</h5>${contact_cards(former, true, data)}`
					: ""
			}`;
	}

	function sensitive({ sensitive: rows, may_create }) {
		const add = may_create["Sensitive Record"]
			? html`<div class="ka-actions"><button type="button" class="btn btn-default btn-xs" data-act="create"
					data-doctype="Sensitive Record">${__("Add")}</button></div>`
			: "";
		if (!rows.length) return html`${empty(__("None recorded, or not visible to you."))}${add}`;
		return html`<ul class="ka-alerts">${rows.map(
			(row) => html`<li><button type="button" data-act="open" data-doctype="Sensitive Record"
				data-name="${row.name}">${__(row.record_kind)} ${row.label} <code>${row.masked_value}</code></button>
				${
					row.masked_value &&
					html`<button type="button" class="ka-more" data-act="reveal" data-name="${row.name}"
						data-title="${kehu_archive.heading(__(row.record_kind), row.label)}">${__("Reveal")}</button>`
				}</li>`
		)}</ul>${add}`;
	}

	function timeline(events) {
		if (!events.length) return empty(__("Nothing has happened yet."));
		const entry = (event) => {
			const title = event.doctype
				? html`<a href="${frappe.utils.get_form_link(event.doctype, event.name)}">${event.title}</a>`
				: event.title;
			const at = date(event.at) + String(event.at).slice(10, 16);
			return html`<li class="ka-kind-${event.kind}"><time datetime="${event.at}">${at}</time>${title}
				<span class="text-muted">${event.text}</span></li>`;
		};
		return html`<ol class="ka-timeline" tabindex="0" aria-label="${__("Timeline")}">${events.map(entry)}</ol>`;
	}

	const chart_box = (years) =>
		years.length ? html`<div class="ka-chart"></div>` : empty(__("No transactions yet."));

	/** Amounts on an axis, as Chinese readers count: by ten thousands and hundred millions. */
	function short_amount(value) {
		const amount = Number(value);
		if (Math.abs(amount) >= 1e8) return __("{0} hundred million", [amount / 1e8]);
		if (Math.abs(amount) >= 1e4) return __("{0} ten thousand", [amount / 1e4]);
		return String(amount);
	}

	function draw_chart(frm, years) {
		const box = frm.get_field("overview_html").$wrapper.find(".ka-chart")[0];
		if (!box || !years.length) return;
		new frappe.Chart(box, {
			type: "bar",
			height: 200,
			// While it animates, the chart swaps its drawing for another one; a change of size in that moment fails.
			animate: 0,
			disableEntryAnimation: 1,
			colors: ["#2f5d8a"],
			axisOptions: { xIsSeries: 1, shortenYAxisNumbers: 1, numberFormatter: short_amount },
			barOptions: { spaceRatio: 0.6 },
			tooltipOptions: { formatTooltipY: (value) => money(value) },
			data: {
				labels: years.map((row) => String(row.year)),
				datasets: [{ name: __("Amount"), values: years.map((row) => row.amount) }],
			},
		});
	}

	/** The seven columns of the customer archive form, in its order (F-01, R-FCA-14). */
	function transactions_table({ transactions, may_create }, doc) {
		const add = may_create["Archive Transaction"]
			? html`<button type="button" class="btn btn-default btn-sm" data-act="create"
					data-doctype="Archive Transaction">${__("Add Transaction")}</button>`
			: "";
		if (!transactions.length) {
			return html`${empty(__("No transactions yet."))}<div class="ka-actions">${add}</div>`;
		}
		const yes_no = (row) =>
			row.is_default ? html`<span class="ka-default">${__("Yes")}</span>` : __("No");
		const row = (entry) => html`<tr class="${entry.is_cancelled ? "text-muted" : ""}">
			<td><a href="${frappe.utils.get_form_link("Archive Transaction", entry.name)}">${entry.transaction_no || __("View Details")}</a></td>
			<td>${date(entry.posted_on)}</td>
			<td>${entry.place}</td>
			<td class="ka-number">${money(entry.amount)}</td>
			<td>${entry.in_charge}</td>
			<td>${yes_no(entry)}</td>
			<td>${[entry.is_cancelled && __("Cancelled"), entry.default_note, entry.remark].filter(Boolean).join(" · ")}</td>
		</tr>`;
		return html`<div class="ka-table-scroll" tabindex="0"><table class="table table-bordered table-sm">
				<thead><tr>
					<th>${__("Transaction No.")}</th><th>${__("Transaction Date")}</th><th>${__("Transaction Place")}</th>
					<th class="ka-number">${__("Amount")}</th><th>${__("Person in Charge")}</th>
					<th>${__("Breach")}</th><th>${__("Remark")}</th>
				</tr></thead>
				<tbody>${transactions.map(row)}</tbody>
			</table></div>
			<div class="ka-actions">${add}
				<button type="button" class="btn btn-default btn-sm" data-act="list" data-doctype="Archive Transaction">${__(
					"All Transactions ({0})",
					[doc.transaction_count || transactions.length]
				)}</button></div>`;
	}
})();

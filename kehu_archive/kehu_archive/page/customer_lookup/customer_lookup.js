frappe.pages["customer-lookup"].on_page_load = (wrapper) => {
	const page = frappe.ui.make_app_page({
		parent: wrapper,
		title: __("Customer Lookup"),
		single_column: true,
	});
	wrapper.lookup = new CustomerLookup(page);
};

frappe.pages["customer-lookup"].on_page_show = (wrapper) => {
	wrapper.lookup.show(frappe.route_options?.text);
	frappe.route_options = null;
};

class CustomerLookup {
	static WAIT = 150;
	static LEAST = 1;

	constructor(page) {
		this.$main = $(page.main).addClass("ka-lookup");
		this.rows = [];
		this.at = -1;
		this.asked = 0;
		this.cards = new Map();
		this.draw();
		this.bind();
	}

	show(text) {
		if (text) {
			this.$input.val(text);
			this.search();
		}
		this.cards.clear();
		this.$input.trigger("focus");
	}

	draw() {
		const { html } = kehu_archive;
		this.$main.html(
			String(html`<div class="ka-lookup-box">
					<input type="search" class="form-control" role="combobox" autocomplete="off" spellcheck="false"
						maxlength="140" aria-autocomplete="list" aria-expanded="false" aria-controls="ka-lookup-list"
						aria-label="${__("Search customers")}"
						placeholder="${__("Name, pinyin, initials, phone, last four digits, archive number or credit code")}" />
					<div class="ka-lookup-status" role="status" aria-live="polite"></div>
				</div>
				<div class="ka-lookup-body">
					<ul id="ka-lookup-list" class="ka-lookup-list" role="listbox" aria-label="${__("Search Results")}"></ul>
					<section class="ka-lookup-card" aria-live="polite" aria-label="${__("Customer Card")}"></section>
				</div>`)
		);
		this.$input = this.$main.find("input");
		this.$status = this.$main.find(".ka-lookup-status");
		this.$list = this.$main.find(".ka-lookup-list");
		this.$card = this.$main.find(".ka-lookup-card");
		this.draw_hints();
	}

	bind() {
		const search = frappe.utils.debounce(() => this.search(), CustomerLookup.WAIT);
		this.$input
			.on("input", (event) => {
				// An input method that is still composing has not said what it means.
				if (!event.originalEvent?.isComposing) search();
			})
			.on("compositionend", search)
			.on("keydown", (event) => this.on_key(event));
		this.$list.on("click", "[role=option]", (event) => this.choose($(event.currentTarget).index()));
		this.$list.on("dblclick", "[role=option]", () => this.open());
	}

	on_key(event) {
		if (event.originalEvent?.isComposing) return;
		const steps = { ArrowDown: 1, ArrowUp: -1 };
		if (event.key in steps && this.rows.length) {
			event.preventDefault();
			this.choose((this.at + steps[event.key] + this.rows.length) % this.rows.length);
		} else if (event.key === "Enter") {
			event.preventDefault();
			this.open();
		} else if (event.key === "Escape") {
			this.$input.val("");
			this.search();
		}
	}

	async search() {
		const text = this.$input.val().trim();
		const mine = ++this.asked;
		if (text.length < CustomerLookup.LEAST) {
			this.draw_results([]);
			this.draw_hints();
			return;
		}
		try {
			const rows = await kehu_archive.lookup.find(text);
			// A later question has overtaken this one.
			if (mine !== this.asked) return;
			this.draw_results(rows);
			if (!rows.length) this.draw_nothing();
		} catch {
			if (mine === this.asked) this.$status.text(__("The search did not work. Try again."));
		}
	}

	draw_results(rows) {
		const { html } = kehu_archive;
		this.rows = rows;
		this.at = -1;
		this.$card.empty();
		this.$list.html(String(html`${rows.map((row, index) => this.result(row, index))}`));
		this.$input.attr("aria-expanded", String(rows.length > 0)).removeAttr("aria-activedescendant");
		this.$status.text(rows.length ? __("{0} results", [rows.length]) : "");
		if (rows.length) this.choose(0);
	}

	result(row, index) {
		const { html, pill } = kehu_archive;
		if (row.limited) {
			return html`<li id="ka-lookup-${index}" role="option" aria-selected="false">
				<div class="ka-lookup-name">${row.customer_name}
					<span class="ka-tag">${__("Only after application")}</span></div>
				<div class="ka-sub">${[row.name, row.archive_type].filter(Boolean).join(" · ")}</div>
			</li>`;
		}
		const phone = row.main_contact_phone || row.phone;
		const found = {
			pinyin: __("Found by pinyin"),
			initials: __("Found by initials"),
			person: __("Found by contact"),
			phone: __("Found by phone"),
			tail: __("Found by the last four digits"),
		}[row.matched];
		return html`<li id="ka-lookup-${index}" role="option" aria-selected="false">
			<div class="ka-lookup-name">${row.customer_name} ${pill(row.workflow_state)}</div>
			<div class="ka-sub">${[row.name, row.main_contact, phone].filter(Boolean).join(" · ")}</div>
			${found && html`<div class="ka-sub">${found}</div>`}
		</li>`;
	}

	async choose(index) {
		if (index < 0 || index >= this.rows.length) return;
		this.at = index;
		this.$list.children().attr("aria-selected", (at) => String(at === index));
		this.$input.attr("aria-activedescendant", `ka-lookup-${index}`);
		this.$list.children()[index].scrollIntoView({ block: "nearest" });
		const { name, limited } = this.rows[index];
		if (limited) {
			this.draw_limited(this.rows[index]);
			return;
		}
		const mine = this.asked;
		try {
			if (!this.cards.has(name)) this.cards.set(name, await kehu_archive.lookup.card(name));
		} catch {
			this.cards.delete(name);
			return;
		}
		if (mine === this.asked && this.rows[this.at]?.name === name) this.draw_card(this.cards.get(name));
	}

	open() {
		const row = this.rows[this.at];
		if (row?.limited) kehu_archive.lookup.apply(row.name);
		else if (row) frappe.set_route("Form", "Customer Archive", row.name);
	}

	/** All there is to say of a file that one may find but not read (V-18), and the way to it. */
	draw_limited(row) {
		const { html } = kehu_archive;
		this.$card.html(
			String(html`<article class="ka-panel">
				<h5><span>${row.customer_name}</span>
					<button type="button" class="btn btn-primary btn-sm ka-apply">${__("Apply to Borrow")}</button></h5>
				<div class="ka-tags"><span class="ka-tag">${row.archive_type}</span></div>
				<dl class="ka-facts"><dt>${__("Archive No.")}</dt><dd>${row.name}</dd></dl>
				<p class="ka-sub">${__("You may find this file but not open it. Apply, and you see it as soon as it is approved.")}</p>
			</article>`)
		);
		this.$card.find(".ka-apply").on("click", () => kehu_archive.lookup.apply(row.name));
	}

	draw_card(card) {
		const { html, bar, pill } = kehu_archive;
		const { summary } = card;
		const missing = card.completeness.missing.map((item) => html`<span class="ka-tag">${item.label}</span>`);
		const alerts = card.alerts.map((alert) => html`<li class="ka-${alert.level}">${alert.text}</li>`);
		this.$card.html(
			String(html`<article class="ka-panel">
				<h5><span>${summary.customer_name}</span>
					<a class="btn btn-primary btn-sm" href="${frappe.utils.get_form_link("Customer Archive", summary.name)}"
						>${__("Open Archive")}</a></h5>
				<div class="ka-tags">${pill(summary.workflow_state)} ${pill(summary.market_status)}
					${summary.is_important ? html`<span class="ka-tag">${__("Important")}</span>` : ""}
					<span class="ka-tag">${summary.archive_type}</span></div>
				${alerts.length ? html`<ul class="ka-alerts">${alerts}</ul>` : ""}
				<dl class="ka-facts">${this.facts(card)}</dl>
				${this.contacts(card)}
				<div class="ka-score">${bar(card.completeness.percent)}</div>
				${missing.length ? html`<div>${__("Missing:")}</div><div class="ka-tags">${missing}</div>` : ""}
			</article>`)
		);
	}

	facts({ summary, last_transaction }) {
		const { html, date, money } = kehu_archive;
		const last = last_transaction
			? [date(last_transaction.posted_on), __(last_transaction.transaction_kind), money(last_transaction.amount)].join(" · ")
			: "";
		const facts = [
			[__("Archive No."), summary.name],
			[__("Merged Archive No."), summary.merged_numbers.join(", ")],
			[__("Unified Social Credit Code"), summary.credit_code],
			[__("Address"), summary.address],
			[__("Phone"), summary.phone],
			[__("Responsible Salesperson"), summary.responsible_name],
			[__("Current Credit Grade"), summary.credit_grade],
			[__("Last Contact On"), date(summary.last_contact_on)],
			[__("Last Transaction On"), last],
			[__("Transaction Total"), summary.transaction_count ? money(summary.transaction_total) : ""],
		];
		return facts.filter(([, value]) => value).map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`);
	}

	contacts({ contacts, may_write }) {
		const { html } = kehu_archive;
		if (!contacts.length) return "";
		const people = contacts.map(
			(person) => html`<div class="ka-contact"><div class="ka-name">${person.full_name}</div>
				<div class="ka-sub">${person.position}</div>
				${person.number && html`<a href="tel:${encodeURIComponent(person.number)}">${person.number}</a>`}
				<div><a class="ka-sub" href="${frappe.utils.get_form_link("Archive Contact", person.name)}"
					>${may_write ? __("Edit Contact") : __("Open Contact")}</a></div></div>`
		);
		return html`<div class="ka-contacts">${people}</div>`;
	}

	draw_nothing() {
		this.$status.text(__("No archive found for this text"));
	}

	draw_hints() {
		const { html } = kehu_archive;
		const hints = [
			[__("Name or a part of it"), "华信机电"],
			[__("Traditional characters"), "華信機電"],
			[__("Pinyin or initials"), "huaxin, hxjd"],
			[__("Contact"), "王芳"],
			[__("Phone or its last four digits"), "138, 5678"],
			[__("Archive number or its end"), "00042"],
			[__("Credit code"), "91110108"],
			[__("Several words at once"), "北京 王芳"],
		];
		this.$status.text("");
		this.$list.html(
			String(html`<li class="ka-empty" role="presentation">${__("What you can type:")}
				<dl class="ka-facts">${hints.map(([what, how]) => html`<dt>${what}</dt><dd>${how}</dd>`)}</dl></li>`)
		);
	}
}

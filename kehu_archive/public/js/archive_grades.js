// The tab 等级 of a customer archive: its grade under each scheme, why, what would change it, and how it came about (R-GRD-18, R-GRD-20).
// Two calls bring everything; every value is escaped by kehu_archive.html.

frappe.provide("kehu_archive.grading");

(() => {
	const { html, date } = kehu_archive;
	const { badge, empty, facts, table } = kehu_archive.grading;
	const purpose_word = kehu_archive.grading.purpose;
	const API = "kehu_archive.api.grades";

	frappe.ui.form.on("Customer Archive", {
		refresh(frm) {
			frm.$wrapper.find(".ka-grades-head").remove();
			const field = frm.get_field("grades_html");
			if (cint(field.df.hidden) !== (frm.is_new() ? 1 : 0)) frm.toggle_display("grades_html", !frm.is_new());
			if (!frm.is_new()) load(frm);
		},
	});

	function load(frm) {
		const archive = frm.doc.name;
		Promise.all([frappe.xcall(`${API}.why`, { archive }), frappe.xcall(`${API}.history`, { archive })])
			.then(([grades, history]) => {
				if (frm.doc.name !== archive || frm.is_new()) return;
				show_head(frm, grades);
				draw(frm, grades, history);
			})
			.catch(() => {
				frm.get_field("grades_html").$wrapper.html(String(empty(__("The grades could not be loaded. Reload the page."))));
			});
	}

	/** The grades of the schemes that are used for something, beside the confidentiality mark above the form. */
	function show_head(frm, grades) {
		frm.$wrapper.find(".ka-grades-head").remove();
		const bound = grades.filter((one) => one.purposes.length);
		if (!bound.length) return;
		const parts = bound.map(
			(one) => html`<span class="ka-grade-head">${one.purposes.map(purpose_word).join(__(", "))}
				<span title="${one.scheme}">${badge(one.label || one.grade, one.colour)}</span></span>`
		);
		$(String(html`<div class="ka-grades-head" role="note">${parts}</div>`)).prependTo(frm.layout.wrapper);
		const mark = frm.$wrapper.find(".ka-mark");
		if (mark.length) mark.prependTo(frm.layout.wrapper);
	}

	function draw(frm, grades, history) {
		const $box = frm.get_field("grades_html").$wrapper;
		if (!grades.length && !history.length) {
			$box.html(
				String(
					empty(__("No grade yet: it comes with the next grading run, or with this customer's next transaction, once a grading scheme is in force."))
				)
			);
			return;
		}
		$box.html(
			String(html`<div class="ka-grades">${grades.map((one) => scheme(frm, one, history.filter((row) => row.scheme === one.scheme)))}
				${former(history, grades)}</div>`)
		);
		$box.find("[data-appeal]").on("click", (event) =>
			kehu_archive.create("Grade Appeal", { archive: frm.doc.name, ...JSON.parse(event.currentTarget.dataset.appeal) })
		);
	}

	function scheme(frm, one, history) {
		const stored = one.explained.stored;
		const label = one.label || one.grade;
		return html`<section class="ka-panel ka-grade-panel" data-scheme="${one.scheme}">
			<h5><span>${one.scheme} ${badge(label, one.colour)} ${one.purposes.map((purpose) => html`<span class="ka-tag">${purpose_word(purpose)}</span>`)}</span>
				${appeal_button(frm, one)}</h5>
			${upgrade(one)}
			<div class="ka-grid">
				<div><h6>${__("Why This Grade")}</h6>${given(one)}${today(one)}</div>
				<div>
					<h6>${__("What Would Raise or Lower It")}</h6>
					${by_hand(one)}${one.explained.today && one.label ? html`<p class="ka-note small">${__("Reckoned from today's figures:")}</p>` : ""}${ways(one.explained.today || stored, is_by_hand(one))}
					${meaning(one)}
				</div>
			</div>
			${history.length ? html`<h6>${__("History of the Grade")}</h6>${timeline(history)}${history_table(history)}` : ""}
		</section>`;
	}

	function given(one) {
		const { stored } = one.explained;
		if (!stored) return empty(__("No grade was given under this scheme yet."));
		return html`<p class="ka-sentence">${stored.sentence}</p>${origin(one)}${kehu_archive.grading.reason_table(stored.rows)}`;
	}

	function appeal_button(frm, one) {
		if (kehu_archive.is_frozen(frm.doc) || !frappe.model.can_create("Grade Appeal")) return "";
		const values = { scheme: one.scheme, present_grade: one.grade || "" };
		return html`<button type="button" class="btn btn-default btn-xs" data-appeal="${JSON.stringify(values)}">${__("Apply to Change the Grade")}</button>`;
	}

	/** What is just short of the next grade is worth a visit. */
	function upgrade(one) {
		if (!one.candidate_for) return "";
		const text = __("Just short of {0}: {1} % of what it asks is reached. Dig deeper into this customer's needs.", [
			one.candidate_label || one.candidate_for,
			flt(one.candidate_share, 1),
		]);
		return html`<div class="ka-upgrade" role="note">${text}</div>`;
	}

	function origin(one) {
		const link = one.assignment
			? html`<a href="${frappe.utils.get_form_link("Grade Assignment", one.assignment)}">${__(one.source)}</a>`
			: __(one.source);
		return facts([
			[__("Since"), date(one.effective_from)],
			[__("Source"), link],
			[__("Holds Until"), date(one.expires_on)],
			[__("Score"), flt(one.score) ? flt(one.score, 2) : ""],
		]);
	}

	/** Metric, value, what was asked and whether it held; points and weight where factors are weighed. */
	kehu_archive.grading.reason_table = (rows) => {
		if (!rows.length) return "";
		const weighed = rows.some((row) => row.weight !== null && row.weight !== undefined);
		const asked = rows.some((row) => row.asked);
		const heads = [
			__("Metric"),
			{ text: __("Value"), number: true },
			...(asked ? [{ text: __("Asked"), number: true }, __("Fulfilled")] : []),
			...(weighed ? [{ text: __("Points"), number: true }, { text: __("Weight"), number: true }] : []),
		];
		const holds = (row) =>
			row.asked
				? html`<span class="indicator-pill no-indicator-dot ${row.holds ? "green" : "gray"}">${row.holds ? __("Yes") : __("No")}</span>`
				: "";
		return table(
			heads,
			rows.map((row) => [
				row.metric,
				row.value,
				...(asked ? [row.asked, holds(row)] : []),
				...(weighed ? [row.points ?? "", row.weight ?? ""] : []),
			]),
			"ka-reasons"
		);
	};

	/** The reasons of one stored grade, for its own form. */
	kehu_archive.grading.reasons = (found) => html`${found.sentence ? html`<p class="ka-sentence">${found.sentence}</p>` : ""}
		${kehu_archive.grading.reason_table(found.rows || [])}${ways(found)}`;

	function today(one) {
		const now = one.explained.today;
		if (!now) return "";
		const text = __("By today's figures it would be {0}; it changes with the next grading run that is approved.", [
			now.label || now.grade || __("Not Graded"),
		]);
		return html`<div class="ka-today"><strong>${text}</strong><p>${now.sentence}</p></div>`;
	}

	const is_by_hand = (one) => one.source === "Grade Appeal" && !one.is_over;

	function by_hand(one) {
		if (!is_by_hand(one)) return "";
		const text = one.expires_on
			? __("Set by an approved application: it holds until {0}, whatever the figures say.", [date(one.expires_on)])
			: __("Set by an approved application: it holds, whatever the figures say.");
		return html`<p>${text}</p>`;
	}

	function ways(words, quiet = false) {
		const kinds = [
			[__("Raises it"), words?.raise, "up"],
			[__("Lowers it"), words?.lower, "down"],
		].filter(([, rows]) => rows?.length);
		if (!kinds.length) return quiet ? "" : empty(__("Nothing that is measured would change this grade."));
		return kinds.map(
			([title, rows, kind]) =>
				html`<div class="ka-ways ka-ways-${kind}"><strong>${title}</strong><ul>${rows.map((row) => html`<li>${row}</li>`)}</ul></div>`
		);
	}

	function meaning(one) {
		const parts = [
			[__("Meaning of the Grade"), one.description],
			[__("Marketing Strategy"), one.strategy],
		].filter(([, text]) => text);
		return parts.map(([title, text]) => html`<h6>${title}</h6><p class="ka-text">${text}</p>`);
	}

	const day_number = (value) => Date.parse(`${String(value).slice(0, 10)}T00:00:00Z`) / 86400000;

	/** A strip of time: each grade in its colour for as long as it held. */
	function timeline(history) {
		// The newest stands first; of two on one day the later one counts.
		const rows = [...history].reverse().filter((row, index, all) => all[index + 1]?.effective_from !== row.effective_from);
		const end = day_number(frappe.datetime.get_today()) + 1;
		const start = Math.min(day_number(rows[0].effective_from), end - 1);
		const span = end - start;
		const bars = rows.map((row, index) => {
			const from = day_number(row.effective_from);
			const next = rows[index + 1] ? day_number(rows[index + 1].effective_from) : end;
			const to = Math.min(row.effective_to ? day_number(row.effective_to) : next, end);
			const width = Math.max(((to - from) / span) * 100, 1.5);
			const left = Math.min(((from - start) / span) * 100, 98.5);
			const label = row.label || row.grade || __("Not Graded");
			return html`<div class="ka-strip-bar" style="left: ${left}%; width: ${width}%; background: ${kehu_archive.grading.hex(row.colour)}"
				title="${label} · ${date(row.effective_from)}">${label}</div>`;
		});
		return html`<div class="ka-strip" role="img" aria-label="${__("History of the Grade")}">${bars}</div>
			<div class="ka-strip-axis"><span>${date(rows[0].effective_from)}</span><span>${__("Today")}</span></div>`;
	}

	function history_table(history) {
		return table(
			[__("Effective From"), __("Grade"), __("Change of Grade"), __("Source"), __("Reason"), __("Decided By")],
			history.map((row) => [
				html`<span class="ka-nowrap">${date(row.effective_from)}</span>`,
				badge(row.label || row.grade, row.colour),
				kehu_archive.grading.change(row.change_kind),
				html`<a class="ka-nowrap" href="${frappe.utils.get_form_link("Grade Assignment", row.name)}">${__(row.source)}</a>`,
				row.sentence || "",
				html`<span class="ka-nowrap">${row.decided_by_name}</span>`,
			]),
			"ka-history"
		);
	}

	/** Grades under schemes that are switched off now. */
	function former(history, grades) {
		const known = new Set(grades.map((one) => one.scheme));
		const rest = history.filter((row) => !known.has(row.scheme));
		if (!rest.length) return "";
		const names = [...new Set(rest.map((row) => row.scheme))];
		return names.map(
			(name) => html`<section class="ka-panel"><h5><span>${name}</span></h5>${timeline(rest.filter((row) => row.scheme === name))}
				${history_table(rest.filter((row) => row.scheme === name))}</section>`
		);
	}
})();

// The trial of a version: what the form holds now, saved or not, is tried on the whole population; nothing is written (R-GRD-05, R-GRD-16, V-05).

frappe.provide("kehu_archive.grading");

(() => {
	const { html } = kehu_archive;
	const { empty, table } = kehu_archive.grading;
	const API = "kehu_archive.api.grading_runs";
	const POLL_MILLISECONDS = 1500;
	const number = (text) => ({ text, number: true });

	kehu_archive.grading.simulate = (frm) => {
		const dialog = new frappe.ui.Dialog({
			title: __("Simulate: {0}", [kehu_archive.escape(frm.doc.scheme || "")]),
			size: "extra-large",
			fields: [
				{ fieldname: "as_of", fieldtype: "Date", label: __("As Of"), default: frappe.datetime.get_today(), reqd: 1 },
				{ fieldtype: "Column Break" },
				{
					fieldname: "note",
					fieldtype: "HTML",
					options: String(
						html`<p class="ka-note">${__(
							"The values in the form are tried as they stand now, saved or not. Nothing is written: no grade and no version changes."
						)}</p>`
					),
				},
				{ fieldtype: "Section Break" },
				{ fieldname: "result", fieldtype: "HTML" },
			],
			primary_action_label: __("Simulate"),
			primary_action: ({ as_of }) => begin(frm, dialog, as_of),
		});
		dialog.show();
		begin(frm, dialog, frappe.datetime.get_today());
	};

	function begin(frm, dialog, as_of) {
		show(dialog, empty(__("Trying the version on every customer ...")));
		dialog.disable_primary_action();
		return frappe
			.xcall(`${API}.simulate`, { version: frm.doc, as_of })
			.then(({ token, result }) => (result ? draw(dialog, result) : follow(dialog, token)))
			.catch(() => show(dialog, empty(__("The version could not be tried; correct what the message names and try again."))))
			.finally(() => dialog.enable_primary_action());
	}

	const show = (dialog, markup) => dialog.get_field("result").$wrapper.html(String(markup));

	async function follow(dialog, token) {
		while (dialog.display) {
			await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
			const state = await frappe.xcall(`${API}.simulation`, { token });
			if (state.result) {
				draw(dialog, state.result);
				return;
			}
			if (state.error) {
				show(dialog, empty(state.error));
				return;
			}
			show(dialog, html`<p>${__("{0} of {1} archives", [state.done, state.total])}</p>${kehu_archive.bar((state.done / (state.total || 1)) * 100)}`);
		}
	}

	function draw(dialog, result) {
		const shown = result.grades.filter((one) => one.grade || one.before || one.after);
		const label = Object.fromEntries(result.grades.map((one) => [one.grade, one.label || one.grade || __("Not Graded")]));
		show(
			dialog,
			html`<div class="ka-simulation">
				<div class="ka-grid">
					<div class="ka-panel ka-span"><h5><span>${__("Customers by Grade")}</span><span class="text-muted">${__("{0} customers", [result.total])}</span></h5>
						${counts(shown, label)}</div>
					<div class="ka-panel"><h5><span>${__("Before and After")}</span></h5><div class="ka-sim-chart"></div></div>
				</div>
				<div class="ka-grid">
					<div class="ka-panel"><h5><span>${__("Who Moves Where")}</span></h5>${matrix(result, shown, label)}</div>
					<div class="ka-panel"><h5><span>${__("Workload: Contacts a Year")}</span></h5>${workload(result.workload)}</div>
				</div>
				<div class="ka-panel"><h5><span>${__("Customers Who Move")}</span><span class="text-muted">${__("{0} in all", [result.movers_total])}</span></h5>
					${movers(result, label)}</div>
			</div>`
		);
		chart(dialog, shown, label);
	}

	function counts(shown, label) {
		return table(
			[__("Grade"), number(__("Before")), number(__("After")), number(__("Difference")), number(__("Any Criterion")), number(__("All Criteria"))],
			shown.map((one) => [
				label[one.grade],
				one.before,
				html`<strong>${one.after}</strong>`,
				signed(one.after - one.before),
				one.any,
				one.all,
			]),
			"ka-counts"
		);
	}

	const signed = (value) => (value > 0 ? `+${value}` : String(value));

	function chart(dialog, shown, label) {
		const box = dialog.get_field("result").$wrapper.find(".ka-sim-chart")[0];
		kehu_archive.grading.chart(box, {
			type: "bar",
			colors: ["#a0aec0", "#2f5d8a"],
			data: {
				labels: shown.map((one) => label[one.grade]),
				datasets: [
					{ name: __("Before"), values: shown.map((one) => one.before) },
					{ name: __("After"), values: shown.map((one) => one.after) },
				],
			},
		});
	}

	/** Rows are grades now, columns grades then; off the diagonal somebody moves. */
	function matrix(result, shown, label) {
		const moved = new Map(result.moves.map((one) => [`${one.from}\n${one.to}`, one.number]));
		const cell = (from, to) => {
			const count = moved.get(`${from}\n${to}`) || 0;
			return html`<td class="ka-number ${from !== to && count ? "ka-moved" : ""}">${count || "–"}</td>`;
		};
		return html`<div class="ka-table-scroll" tabindex="0"><table class="table table-bordered table-sm ka-matrix">
			<thead><tr><th>${__("From / To")}</th>${shown.map((one) => html`<th class="ka-number">${label[one.grade]}</th>`)}</tr></thead>
			<tbody>${shown.map(
				(from) => html`<tr><th>${label[from.grade]}</th>${shown.map((to) => cell(from.grade, to.grade))}</tr>`
			)}</tbody></table></div>`;
	}

	function workload(load) {
		const rows = load.people.slice(0, 12).map((one) => [one.full_name || __("Nobody in charge"), one.before, one.after, signed(one.after - one.before)]);
		const all = [html`<strong>${__("All Together")}</strong>`, load.before, html`<strong>${load.after}</strong>`, signed(load.after - load.before)];
		return table([__("Responsible Salesperson"), number(__("Before")), number(__("After")), number(__("Difference"))], [all, ...rows], "ka-workload");
	}

	function movers(result, label) {
		if (!result.movers_total) return empty(__("Nobody moves: every customer keeps the present grade."));
		if (!result.movers.length) return empty(__("None of the customers who move is one that you may see."));
		const body = table(
			[__("Customer"), __("Change of Grade"), __("Before"), __("After"), __("Why")],
			result.movers.map((one) => [
				kehu_archive.grading.archive_link(one.archive, one.customer_name),
				kehu_archive.grading.change(one.change_kind),
				label[one.from] || one.from,
				html`<strong>${label[one.to] || one.to}</strong>`,
				one.sentence,
			]),
			"ka-movers"
		);
		const cut = result.movers.length < result.movers_total;
		return html`${body}${cut ? html`<p class="ka-note small">${__("Shown are the first {0} that you may see.", [result.movers.length])}</p>` : ""}`;
	}
})();

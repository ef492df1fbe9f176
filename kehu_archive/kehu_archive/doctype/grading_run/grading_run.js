// A grading run: how far it is, what it proposes and why, both readings side by side, approval (V-05, R-GRD-18, R-GRD-20, R-GRD-21).

const RUN_API = "kehu_archive.api.grading_runs";
const RUN_POLL_MILLISECONDS = 2000;
const AT_WORK = ["Waiting", "Computing", "Applying"];
const PAGE = 20;
const RESULT_FIELDS = ["name", "archive", "customer_name", "region", "change_kind", "grade_before", "grade", "candidate_for", "candidate_share", "sentence"];
/** Key, label, filters, and the field of the summary that counts them. */
const VIEWS = [
	["changes", () => __("All Changes"), { change_kind: ["in", ["First Grade", "Up", "Down", "No Longer Graded"]] }],
	["up", () => __("Up"), { change_kind: "Up" }],
	["down", () => __("Down"), { change_kind: "Down" }],
	["new", () => __("First Grade"), { change_kind: "First Grade" }],
	["left", () => __("No Longer Graded"), { change_kind: "No Longer Graded" }],
	["candidates", () => __("Upgrade Candidates"), { candidate_for: ["is", "set"] }],
];

frappe.ui.form.on("Grading Run", {
	setup(frm) {
		frm.set_query("scheme", () => ({ filters: { is_disabled: 0 } }));
		frappe.realtime.on("grading_run_progress", (state) => {
			if (cur_frm === frm && state.name === frm.doc.name) follow(frm, state);
		});
	},

	refresh(frm) {
		frm.set_intro("");
		frm.toggle_display(["sec_counts", "counts", "sec_error"], false);
		frm.toggle_display("sec_counts", !frm.is_new());
		frm.toggle_display("error", Boolean(frm.doc.error));
		frm.toggle_display("sec_error", Boolean(frm.doc.error));
		frm.get_field("results_html").$wrapper.empty();
		if (frm.is_new()) {
			frm.set_intro(__("Save to start: nothing changes before the result is approved."), "blue");
			return;
		}
		frm.disable_save();
		frm.set_df_property("opinion", "read_only", 1);
		if (!frm.is_dirty()) frm.page.set_indicator(__(frm.doc.status), kehu_archive.colours[frm.doc.status] || "gray");
		show(frm);
		if (AT_WORK.includes(frm.doc.status)) poll(frm);
	},
});

/** Ask how far the run is, draw what is there, and offer the steps that are the user's. */
function show(frm) {
	const name = frm.doc.name;
	frappe.xcall(`${RUN_API}.summary`, { name }).then((summary) => {
		if (frm.doc.name !== name) return;
		if (summary.status !== frm.doc.status) {
			frm.reload_doc();
			return;
		}
		frm.clear_custom_buttons();
		add_steps(frm, summary);
		explain(frm, summary);
		if (AT_WORK.includes(summary.status)) show_progress(frm, summary);
		else draw(frm, summary);
	});
}

function add_steps(frm, summary) {
	if (summary.may_approve) {
		frm.add_custom_button(__("Approve"), () => decide(frm, "approve", __("Approve")), null).addClass("btn-primary");
	}
	if (summary.may_withdraw) frm.add_custom_button(__("Withdraw"), () => decide(frm, "withdraw", __("Withdraw")));
	if (["Computed", "Applied", "No Changes"].includes(summary.status)) {
		frm.add_custom_button(__("All Results"), () => kehu_archive.open_list("Grading Run Result", { run: frm.doc.name }));
	}
}

function decide(frm, method, title) {
	frappe.prompt(
		[{ fieldname: "opinion", fieldtype: "Small Text", label: __("Opinion"), reqd: method === "withdraw" ? 1 : 0 }],
		({ opinion }) => frappe.xcall(`${RUN_API}.${method}`, { name: frm.doc.name, opinion: opinion || "" }).then(() => frm.reload_doc()),
		title
	);
}

function explain(frm, summary) {
	const texts = {
		Computed: summary.may_approve
			? __("Look at the proposed changes and their reasons, then approve or withdraw. Until then every grade stays as it is.")
			: __("The result waits for approval. Until then every grade stays as it is."),
		Failed: __("The run stopped: {0}", [kehu_archive.escape(summary.error || "")]),
		"No Changes": __("Every customer keeps the present grade."),
	};
	if (texts[summary.status]) frm.set_intro(texts[summary.status], summary.status === "Failed" ? "red" : "blue");
}

function poll(frm) {
	clearTimeout(frm.grading_timer);
	frm.grading_timer = setTimeout(() => {
		if (cur_frm !== frm || !AT_WORK.includes(frm.doc.status)) return;
		frappe.xcall(`${RUN_API}.summary`, { name: frm.doc.name }).then((state) => {
			follow(frm, state);
			poll(frm);
		});
	}, RUN_POLL_MILLISECONDS);
}

function follow(frm, state) {
	if (state.status !== frm.doc.status) {
		frm.dashboard.hide_progress();
		frm.reload_doc();
		return;
	}
	if (AT_WORK.includes(state.status)) show_progress(frm, state);
}

function show_progress(frm, state) {
	const percent = state.total ? Math.min(100, Math.round((state.done / state.total) * 100)) : 0;
	const text = state.total ? __("{0} of {1} archives", [state.done, state.total]) : __("Waiting for a worker");
	frm.dashboard.show_progress(__(state.status), percent, text);
}

function draw(frm, summary) {
	frm.dashboard.hide_progress();
	const { html } = kehu_archive;
	const $box = frm.get_field("results_html").$wrapper;
	if (summary.status === "Withdrawn") {
		$box.html(String(kehu_archive.grading.empty(__("The run was withdrawn; what it had found is deleted."))));
		return;
	}
	$box.html(
		String(html`<div class="ka-grid"><div class="ka-panel ka-span"><h5><span>${__("Customers by Grade")}</span></h5>${counts(summary)}</div>
			<div class="ka-panel"><h5><span>${__("Before and After")}</span></h5><div class="ka-run-chart"></div></div></div>
			<div class="ka-panel"><h5><span>${__("Proposed Changes and Their Reasons")}</span></h5>
			<div class="ka-filters">${VIEWS.map(
				([key, label]) => html`<button type="button" class="btn btn-default btn-xs" data-view="${key}">${label()}</button>`
			)}</div><div class="ka-results"></div></div>`)
	);
	chart($box, summary);
	$box.find("[data-view]").on("click", (event) => list(frm, $box, event.currentTarget.dataset.view, 0, summary));
	list(frm, $box, "changes", 0, summary);
}

/** Grades with their numbers now and then, under both readings of the criteria side by side (V-05). */
function counts(summary) {
	const number = (text) => ({ text, number: true });
	const rows = summary.counts.filter((row) => row.grade || row.before_count || row.after_count);
	const body = kehu_archive.grading.table(
		[__("Grade"), number(__("Before")), number(__("After")), number(__("Any Criterion")), number(__("All Criteria")), number(__("Up")), number(__("Down"))],
		rows.map((row) => [
			row.label || row.grade || __("Not Graded"),
			row.before_count,
			kehu_archive.html`<strong>${row.after_count}</strong>`,
			row.any_count,
			row.all_count,
			row.up_count,
			row.down_count,
		]),
		"ka-counts"
	);
	const notes = [
		__("Any and All: how many customers each grade would have if any one criterion, or all of them, had to hold."),
		summary.kept_manual ? __("{0} customers keep a grade that was set by hand.", [summary.kept_manual]) : "",
	].filter(Boolean);
	return kehu_archive.html`${body}${notes.map((note) => kehu_archive.html`<p class="ka-note small">${note}</p>`)}`;
}

function chart($box, summary) {
	const rows = summary.counts.filter((row) => row.grade);
	kehu_archive.grading.chart($box.find(".ka-run-chart")[0], {
		type: "bar",
		colors: ["#a0aec0", "#2f5d8a"],
		data: {
			labels: rows.map((row) => row.label || row.grade),
			datasets: [
				{ name: __("Before"), values: rows.map((row) => row.before_count) },
				{ name: __("After"), values: rows.map((row) => row.after_count) },
			],
		},
	});
}

/** One page of results through the framework's list, so that everybody sees those of his own archives only. */
function list(frm, $box, key, start, summary) {
	const view = VIEWS.find(([one]) => one === key);
	const run = frm.doc.name;
	$box.find("[data-view]").removeClass("active").filter(`[data-view="${key}"]`).addClass("active");
	frappe.db
		.get_list("Grading Run Result", {
			fields: RESULT_FIELDS,
			filters: { run, ...view[2] },
			order_by: key === "candidates" ? "candidate_share desc" : "name asc",
			start,
			limit: PAGE + 1,
		})
		.then((rows) => {
			if (frm.doc.name !== run) return;
			const labels = Object.fromEntries(summary.counts.map((row) => [row.grade, row.label || row.grade]));
			$box.find(".ka-results").html(String(results(rows, start, labels)));
			$box.find("[data-start]").on("click", (event) => list(frm, $box, key, cint(event.currentTarget.dataset.start), summary));
		});
}

function results(rows, start, labels) {
	const { html } = kehu_archive;
	if (!rows.length) {
		return kehu_archive.grading.empty(start ? __("No further customers.") : __("No customers here, or none that you may see."));
	}
	const label = (grade) => labels[grade] || grade || __("Not Graded");
	const body = kehu_archive.grading.table(
		[__("Customer"), __("Change of Grade"), __("Before"), __("Grade"), __("Why"), __("Just Short Of")],
		rows.slice(0, PAGE).map((row) => [
			kehu_archive.grading.archive_link(row.archive, row.customer_name),
			kehu_archive.grading.change(row.change_kind),
			html`<span class="ka-nowrap">${label(row.grade_before)}</span>`,
			html`<strong class="ka-nowrap">${label(row.grade)}</strong>`,
			row.sentence || "",
			row.candidate_for ? `${label(row.candidate_for)} ${flt(row.candidate_share, 1)}%` : "",
		]),
		"ka-result-table"
	);
	const button = (text, at) => html`<button type="button" class="btn btn-default btn-xs" data-start="${at}">${text}</button>`;
	return html`${body}<div class="ka-pager">${start ? button(__("Previous Page"), Math.max(0, start - PAGE)) : ""}
		<span class="text-muted">${start + 1} – ${start + Math.min(rows.length, PAGE)}</span>
		${rows.length > PAGE ? button(__("Next Page"), start + PAGE) : ""}</div>`;
}

frappe.ui.form.on("Archive Merge", {
	refresh(frm) {
		frm.disable_save();
		frm.toggle_display(["merged_by", "undone_by"], false);
		if (!frm.is_new()) {
			frappe.model.with_doctype("Customer Archive", () => show_trace(frm));
		}
		if (frm.doc.status !== "Merged" || frm.is_new()) return;
		const may_undo = ["Customer Service Manager", "Archive Administrator"].some((role) =>
			frappe.user.has_role(role)
		);
		if (!may_undo) return;
		frm.add_custom_button(__("Undo Merge"), () => {
			frappe.confirm(
				__("Separate the two archives again? Records added since stay with the kept archive."),
				() =>
					frappe
						.xcall("kehu_archive.api.duplicates.undo", { merge: frm.doc.name })
						.then((left) => {
							if (left.length) {
								frappe.msgprint({
									title: __("Not Restored"),
									indicator: "orange",
									message: left.map((line) => kehu_archive.escape(line)).join("<br>"),
								});
							}
							frm.reload_doc();
						})
			);
		});
	},
});

function show_trace(frm) {
	const { html } = kehu_archive;
	const trace = JSON.parse(frm.doc.trace || "{}");
	const part = (title, items) => (items.length ? html`<h6>${title}</h6><ul>${items}</ul>` : "");
	const records = Object.entries(moved(trace, frm.doc.target_archive)).map(
		([doctype, count]) => html`<li>${__(doctype)}: ${count}</li>`
	);
	const filled = changed_fields(trace, frm.doc.target_archive).map(
		([df, before, after]) =>
			html`<li>${__(df.label)}: ${shown(df, before) ? html`<s>${shown(df, before)}</s> ` : ""}<b>${shown(df, after)}</b></li>`
	);
	const kept = Object.entries(trace.kept || {}).map(([field, [stays, left]]) => {
		const df = archive_field(field);
		return df ? html`<li>${__(df.label)}: <b>${shown(df, stays)}</b> <s>${shown(df, left)}</s></li>` : "";
	});
	const left = (trace.not_restored || []).map((line) => html`<li>${line}</li>`);
	frm.get_field("trace_html").$wrapper.html(
		String(html`${who(frm).map((line) => html`<p>${line}</p>`)}
			${part(__("Records that were moved"), records)} ${part(__("Fields that were filled or changed"), filled)}
			${part(__("Fields that differ; the struck-out value stays in the trace"), kept)}
			${part(__("Not Restored"), left)}`)
	);
}

// The names, not the accounts.
function who(frm) {
	const names = frm.doc.__onload?.full_names || {};
	const { merged_by, merged_on, undone_by, undone_on } = frm.doc;
	const values = (user, time) => [names[user] || user, frappe.datetime.str_to_user(time)];
	return [
		merged_by && __("Merged by {0} on {1}", values(merged_by, merged_on)),
		undone_by && __("Undone by {0} on {1}", values(undone_by, undone_on)),
	].filter(Boolean);
}

function moved(trace, target) {
	const counts = {};
	const add = (doctype, count) => (counts[doctype] = (counts[doctype] || 0) + count);
	(trace.changes || [])
		.filter((change) => change.new === target)
		.forEach((change) => add(change.doctype, change.names.length));
	(trace.rows || []).forEach((move) => add(move.doctype, move.rows.length));
	return counts;
}

// What people enter; what follows from it (totals, comparison keys) says nothing to a reader.
function changed_fields(trace, archive) {
	return Object.entries(trace.fields?.[archive] || {})
		.map(([field, [before, after]]) => [archive_field(field), before, after])
		.filter(([df]) => df && !df.hidden && !df.read_only);
}

function archive_field(field) {
	return frappe.meta.get_docfield("Customer Archive", field);
}

function shown(df, value) {
	const empty = value === null || value === undefined || value === "" || (value === 0 && df.fieldtype !== "Check");
	if (empty) return "";
	if (df.fieldtype === "Check") return value ? __("Yes") : __("No");
	return df.fieldtype === "Select" ? __(String(value)) : String(value);
}

const IMPORT_API = "kehu_archive.api.imports";
const POLL_MILLISECONDS = 2000;
const STATUS_COLOURS = { Pending: "blue", Imported: "green", Existing: "gray", Rejected: "red" };

frappe.ui.form.on("Archive Import", {
	setup(frm) {
		frappe.realtime.on("archive_import_progress", (state) => {
			if (state.name === frm.doc.name) {
				follow(frm, state);
			}
		});
	},

	refresh(frm) {
		frm.set_intro("");
		frm.get_field("preview_html").$wrapper.empty();
		add_buttons(frm);
		allow_save(frm);
		if (frm.is_new()) {
			frm.set_intro(__("Save, then press Preview to see what the workbook holds before anything is imported."));
			return;
		}
		if (frm.doc.file_hash) {
			show_summary(frm);
		}
		if (at_work(frm)) {
			poll(frm);
		}
	},

	onload_post_render(frm) {
		frm.get_field("source_file").df.options = { restrictions: { allowed_file_types: [".xlsx", ".xlsm"] } };
	},
});

// What has been imported cannot be changed: then there is nothing to save.
function allow_save(frm) {
	if (at_work(frm) || frm.doc.status === "Completed" || frm.doc.imported_rows) {
		frm.disable_save();
	} else if (frm.save_disabled) {
		frm.enable_save();
	}
}

function at_work(frm) {
	return ["Queued", "Running"].includes(frm.doc.status);
}

function add_buttons(frm) {
	frm.add_custom_button(__("Download Template"), () => {
		window.open(frappe.urllib.get_full_url(`/api/method/${IMPORT_API}.template`));
	});
	if (frm.doc.error_file) {
		frm.add_custom_button(__("Download Rejected Rows"), () => {
			window.open(frappe.urllib.get_full_url(frm.doc.error_file));
		});
	}
	if (frm.is_new() || !frm.perm[0].write) {
		return;
	}
	if (["New", "Previewed", "Failed"].includes(frm.doc.status) && !frm.doc.imported_rows) {
		frm.add_custom_button(__("Preview"), () => act(frm, "preview", __("Reading the workbook ...")));
	}
	if (["Previewed", "Failed"].includes(frm.doc.status) && frm.doc.file_hash) {
		frm.add_custom_button(__("Start Import"), () => confirm_start(frm)).addClass("btn-primary");
	}
}

function confirm_start(frm) {
	const pending = frm.doc.total_rows - frm.doc.rejected_rows - frm.doc.existing_rows - frm.doc.imported_rows;
	frappe.confirm(__("Import {0} rows now? Rejected rows come back as a workbook.", [pending]), () =>
		act(frm, "start", __("Starting ..."))
	);
}

function act(frm, method, message) {
	const run = () =>
		frappe.call({
			method: `${IMPORT_API}.${method}`,
			args: { name: frm.doc.name },
			type: "POST",
			freeze: true,
			freeze_message: message,
			callback: () => frm.reload_doc(),
		});
	return frm.is_dirty() ? frm.save().then(run) : run();
}

function poll(frm) {
	clearTimeout(frm.archive_import_timer);
	frm.archive_import_timer = setTimeout(() => {
		if (cur_frm !== frm || !at_work(frm)) {
			return;
		}
		frappe.call({ method: `${IMPORT_API}.summary`, args: { name: frm.doc.name }, type: "GET" }).then((answer) => {
			follow(frm, answer.message);
			poll(frm);
		});
	}, POLL_MILLISECONDS);
}

function follow(frm, state) {
	if (!["Queued", "Running"].includes(state.status)) {
		frm.dashboard.hide_progress();
		frm.reload_doc();
		return;
	}
	Object.assign(frm.doc, { status: state.status, progress: state.progress });
	frm.refresh_field("status");
	frm.refresh_field("progress");
	const settled = state.imported_rows + state.existing_rows + state.rejected_rows;
	frm.dashboard.show_progress(
		__("Import"),
		state.progress,
		__("{0} of {1} rows settled", [settled, state.total_rows])
	);
}

function show_summary(frm) {
	frappe.call({ method: `${IMPORT_API}.summary`, args: { name: frm.doc.name }, type: "GET" }).then((answer) => {
		const summary = answer.message;
		const parts = [counts_html(summary), kinds_html(summary.kinds), rows_html(summary)];
		frm.get_field("preview_html").$wrapper.html(parts.join(""));
		frm.get_field("preview_html").$wrapper.find("[data-route]").on("click", function () {
			frappe.set_route("List", "Archive Import Row", { import_batch: frm.doc.name, status: this.dataset.route });
		});
	});
}

function counts_html(summary) {
	const counts = [
		[__("Ready to import"), summary.pending_rows, "Pending"],
		[__("Imported"), summary.imported_rows, "Imported"],
		[__("Already there"), summary.existing_rows, "Existing"],
		[__("Rejected"), summary.rejected_rows, "Rejected"],
	];
	const cards = counts.map(
		([label, count, status]) =>
			`<a class="indicator-pill ${STATUS_COLOURS[status]} mr-3" data-route="${status}">${label}: ${count}</a>`
	);
	const notes = [
		summary.twice_rows ? __("{0} rows repeat a customer of the same sheet.", [summary.twice_rows]) : "",
		summary.similar_rows ? __("{0} rows resemble a customer who is there; they are imported, please check them.", [summary.similar_rows]) : "",
	].filter(Boolean);
	return `<p>${cards.join("")}</p>${notes.map((note) => `<p class="text-muted">${note}</p>`).join("")}`;
}

function kinds_html(kinds) {
	if (!kinds.length) {
		return "";
	}
	const rows = kinds.map(
		(kind) => `<tr>
			<td><span class="indicator-pill ${kind.rejected ? "red" : "orange"}">${kind.rejected ? __("Rejected") : __("Warning")}</span></td>
			<td>${frappe.utils.escape_html(kind.example)}</td>
			<td class="text-right">${kind.rows}</td>
		</tr>`
	);
	return `<h5>${__("Faults by kind")}</h5>
		<table class="table table-bordered table-sm">
			<thead><tr><th>${__("Effect")}</th><th>${__("Example")}</th><th class="text-right">${__("Rows")}</th></tr></thead>
			<tbody>${rows.join("")}</tbody>
		</table>`;
}

function rows_html(summary) {
	const heads = [__("Row No."), __("Status"), ...summary.columns, __("Reason")];
	const body = summary.first_rows.map((row) => {
		const pill = `<span class="indicator-pill ${STATUS_COLOURS[row.status]}">${__(row.status)}</span>`;
		return `<tr><td>${row.row_no}</td><td>${pill}</td>${cells_html(row, summary.columns)}<td>${shown(row.reason)}</td></tr>`;
	});
	return `<h5>${__("First rows")}</h5>
		<div style="overflow-x: auto"><table class="table table-bordered table-sm" style="white-space: nowrap">
			<thead><tr>${heads.map((head) => `<th>${frappe.utils.escape_html(head)}</th>`).join("")}</tr></thead>
			<tbody>${body.join("")}</tbody>
		</table></div>`;
}

function cells_html(row, columns) {
	if (row.cells.length) {
		return columns.map((_name, index) => `<td>${shown(row.cells[index])}</td>`).join("");
	}
	// The cells of a settled row are in its archive now.
	const name = shown(row.customer_name);
	const link = row.archive ? frappe.utils.get_form_link("Customer Archive", row.archive, true, shown(row.archive)) : "";
	return `<td colspan="${columns.length}">${name} ${link}</td>`;
}

function shown(value) {
	return value === null || value === undefined ? "" : frappe.utils.escape_html(String(value));
}

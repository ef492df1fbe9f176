// The server says which steps are open to this user (api.borrowing.actions); the form only offers them.

const REQUEST_FIELDS = [
	"archive",
	"wanted",
	"purpose",
	"purpose_note",
	"method",
	"copies",
	"page_range",
	"wished_due_on",
];

frappe.ui.form.on("Archive Borrowing", {
	setup(frm) {
		kehu_archive.set_queries(frm, { archive: "findable_archive", applicant: "user", department: "active" });
	},

	refresh(frm) {
		kehu_archive.show_customer(frm);
		// An approval holds for what was asked: the request is not changed afterwards, but withdrawn.
		for (const field of REQUEST_FIELDS) frm.set_df_property(field, "read_only", frm.is_new() ? 0 : 1);
		frm.set_df_property("method", "options", methods(frm));
		show_copies(frm);
		// What nobody has decided or handed out yet is not shown as a row of empty boxes.
		frm.toggle_display("sec_approval", Boolean(frm.doc.approved_on || frm.doc.approvals?.length || frm.doc.refusal_reason));
		frm.toggle_display("sec_lend", Boolean(frm.doc.lent_on));
		frm.set_intro("");
		if (!frm.is_new()) offer_steps(frm);
	},

	archive: (frm) => kehu_archive.show_customer(frm),

	method: (frm) => show_copies(frm),
});

function show_copies(frm) {
	const copied = frm.doc.method === "Photocopy";
	frm.toggle_display(["copies", "consent_evidence"], copied);
	frm.toggle_reqd("copies", copied);
}

/** What goes to an outsider has a form of its own. */
function methods(frm) {
	const all = frappe.meta.get_docfield("Archive Borrowing", "method").options.split("\n");
	return all.filter((method) => method !== "Disclose" || frm.doc.method === "Disclose");
}

function offer_steps(frm) {
	const { name } = frm.doc;
	frappe.xcall("kehu_archive.api.borrowing.actions", { name }).then((state) => {
		if (frm.doc.name !== name || frm.is_dirty()) return;
		show_state(frm, state);
		const steps = step_buttons(frm, state);
		for (const action of state.actions) {
			const step = steps[action];
			if (!step) continue;
			const button = frm.add_custom_button(step.label, step.run);
			if (step.primary) button.removeClass("btn-default").addClass("btn-primary");
		}
	});
}

function show_state(frm, state) {
	frm.page.set_indicator(__(state.status), kehu_archive.colours[state.status] || "gray");
	const lines = [];
	if (state.status === "Overdue") {
		lines.push(__("Overdue since {0}", [kehu_archive.date(frm.doc.due_on)]));
		lines.push(__("{0} days late", [state.overdue_days]));
	}
	if (state.waiting_for.length) {
		lines.push(__("Waiting for: {0}", [state.waiting_for.join("、")]));
	}
	if (!frm.doc.archive && frm.doc.status === "Requested") {
		lines.push(__("Customer service is looking for the file"));
	}
	const colour = state.status === "Overdue" ? "red" : "blue";
	frm.set_intro("");
	frm.set_intro(lines.length ? kehu_archive.escape(lines.join(" · ")) : "", colour);
}

function step_buttons(frm, state) {
	const step = (label, run, primary = false) => ({ label, run, primary });
	return {
		resolve: step(__("Find File"), () => ask_archive(frm), true),
		turn_away: step(__("No Such File"), () => ask_text(frm, "turn_away", __("No Such File"), "reason", true)),
		approve: step(__("Approve"), () => ask_text(frm, "approve", __("Approve"), "opinion", false), true),
		decline: step(__("Decline"), () => ask_text(frm, "decline", __("Decline"), "reason", true)),
		withdraw: step(__("Withdraw"), () => confirm_step(frm, "withdraw", __("Withdraw this request?"))),
		open_access: step(__("Open Electronic File"), () =>
			confirm_step(frm, "open_access", __("Open the file to the applicant without handing out paper?"))
		),
		lend: step(__("Hand Over"), () => ask_hand_over(frm, state), true),
		give_back: step(__("Take Back"), () => ask_return(frm), true),
		finish: step(__("Finish"), () => confirm_step(frm, "finish", __("Close the access now?"))),
		renew: step(__("Renew"), () => ask_text(frm, "renew", __("Renew"), "reason", false)),
		add_slip: step(__("Reading Slip"), () => ask_slip(frm, state)),
		recall: step(__("Call Back"), () => confirm_step(frm, "recall", __("Ask the borrower to bring the file back?"))),
	};
}

function call(frm, method, values = {}) {
	return frappe
		.xcall(`kehu_archive.api.borrowing.${method}`, { name: frm.doc.name, ...values })
		.then((answer) => {
			frm.reload_doc();
			return answer;
		});
}

function confirm_step(frm, method, question) {
	frappe.confirm(kehu_archive.escape(question), () => call(frm, method));
}

/** A dialog that stays open with what was typed when the server refuses. */
function ask(frm, title, fields, send) {
	const dialog = new frappe.ui.Dialog({
		title,
		fields,
		primary_action_label: __("Confirm"),
		primary_action(values) {
			dialog.disable_primary_action();
			send(values)
				.then(() => dialog.hide())
				.catch(() => dialog.enable_primary_action());
		},
	});
	dialog.show();
	return dialog;
}

function ask_text(frm, method, title, field, required) {
	const label = field === "opinion" ? __("Opinion") : __("Reason");
	ask(frm, title, [{ fieldname: field, fieldtype: "Small Text", label, reqd: required ? 1 : 0 }], (values) =>
		call(frm, method, values)
	);
}

function ask_archive(frm) {
	const fields = [
		{ fieldtype: "HTML", fieldname: "wanted", options: String(kehu_archive.html`<p>${frm.doc.wanted}</p>`) },
		{ fieldname: "archive", fieldtype: "Link", options: "Customer Archive", label: __("Customer Archive"), reqd: 1 },
	];
	ask(frm, __("Find File"), fields, (values) => call(frm, "resolve", { archive: values.archive }));
}

function ask_hand_over(frm, state) {
	const fields = [
		{ fieldname: "pages", fieldtype: "Int", label: __("Pages Counted"), reqd: 1, default: state.pages || null },
		{ fieldname: "signature", fieldtype: "Signature", label: __("Borrower's Signature") },
	];
	ask(frm, __("Hand Over"), fields, (values) => call(frm, "lend", values));
}

function ask_return(frm) {
	const lent = cint(frm.doc.lent_pages);
	const fields = [
		{
			fieldname: "pages",
			fieldtype: "Int",
			label: __("Pages Returned"),
			default: lent,
			description: __("{0} pages were handed over", [lent]),
			onchange: () => warn(),
		},
		{
			fieldname: "condition",
			fieldtype: "Select",
			label: __("Return Condition"),
			options: ["Intact", "Damaged", "Lost"].map((value) => ({ value, label: __(value) })),
			default: "Intact",
			reqd: 1,
			onchange: () => warn(),
		},
		{ fieldname: "warning", fieldtype: "HTML" },
		{ fieldname: "note", fieldtype: "Small Text", label: __("Remark") },
		{ fieldname: "signature", fieldtype: "Signature", label: __("Receiver's Signature") },
	];
	const dialog = ask(frm, __("Take Back"), fields, (values) =>
		call(frm, "give_back", { ...values, pages: cint(values.pages) }).then((violation) => {
			if (violation) offer_violation(violation);
		})
	);
	const warn = () => {
		const { pages, condition } = dialog.get_values(true) || {};
		const wrong = condition !== "Intact" || cint(pages) < lent;
		dialog.get_field("warning").$wrapper.html(
			wrong
				? String(
						kehu_archive.html`<p class="text-danger">${__("A violation will be proposed for the borrower")}</p>`
				  )
				: ""
		);
	};
}

function offer_violation(name) {
	const link = kehu_archive.html`<a href="${frappe.utils.get_form_link("Violation", name)}">${name}</a>`;
	frappe.msgprint({
		title: __("Violation"),
		indicator: "orange",
		message: String(kehu_archive.html`${__("A violation was proposed:")} ${link}`),
	});
}

function ask_slip(frm, state) {
	const fields = [{ fieldname: "pages", fieldtype: "Data", label: __("Pages Read"), reqd: 1 }];
	if (frm.doc.method === "Photocopy") {
		fields.push({
			fieldname: "copies",
			fieldtype: "Int",
			label: __("Copies Made"),
			default: 0,
			description: __("{0} copies are left", [state.copies_left]),
		});
	}
	fields.push({ fieldname: "note", fieldtype: "Small Text", label: __("Reading Note") });
	ask(frm, __("Reading Slip"), fields, (values) => call(frm, "add_slip", values));
}

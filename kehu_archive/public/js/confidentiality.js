// Confidentiality on the Desk: the mark on an archive's form, its grade and classification, and the pledge before the first access.

frappe.provide("kehu_archive.confidentiality");

(() => {
	const GRADERS = [
		"Archivist",
		"Customer Service Staff",
		"Customer Service Manager",
		"Marketing Manager",
		"Marketing Director",
	];
	const RANKS = { Internal: 1, "Ordinary Trade Secret": 2, "Core Trade Secret": 3 };
	Object.assign(kehu_archive.colours, {
		Reported: "orange",
		Proposed: "blue",
		"Sent Back": "red",
		"Handed Over": "yellow",
		Withdrawn: "gray",
	});

	const has_role = (roles) => roles.some((role) => frappe.user.has_role(role));

	/** What the mark says: the level that counts, and whether people have approved it. */
	kehu_archive.confidentiality.mark = (doc) => {
		const level = doc.confidentiality;
		const unclassified = !RANKS[level];
		const pending = !unclassified && cint(doc.secrecy_rank) !== RANKS[level];
		const until = doc.confidential_until;
		const ended = until && until < frappe.datetime.get_today();
		const text = unclassified
			? __("Not classified: treated as the strictest")
			: pending
				? __("{0} (not approved: treated as the strictest)", [__(level)])
				: __(level);
		const rank = unclassified || pending ? 3 : RANKS[level];
		const details = [];
		if (until) details.push(ended ? __("ended on {0}, still in force", [kehu_archive.date(until)]) : __("until {0}", [kehu_archive.date(until)]));
		if (doc.access_grade) details.push(__("Access Grade {0}", [doc.access_grade]));
		return { text, rank, details, ended: Boolean(ended) };
	};

	function show_mark(frm) {
		frm.$wrapper.find(".ka-mark").remove();
		if (frm.is_new()) return;
		const { text, rank, details, ended } = kehu_archive.confidentiality.mark(frm.doc);
		const parts = details.map((detail) => kehu_archive.html`<span>${detail}</span>`);
		const mark = kehu_archive.html`<div class="ka-mark ka-mark-${rank} ${ended ? "ka-mark-ended" : ""}" role="note">
			<strong>${__("Confidentiality")}: ${text}</strong>${parts}</div>`;
		$(String(mark)).prependTo(frm.layout.wrapper);
	}

	function add_actions(frm) {
		if (frm.is_new() || kehu_archive.is_frozen(frm.doc)) return;
		const group = __("Confidentiality");
		if (frappe.model.can_create("Classification Request")) {
			frm.add_custom_button(__("Report for Classification"), () => report(frm), group);
		}
		if (has_role(GRADERS)) {
			frm.add_custom_button(__("Set Access Grade"), () => ask_grade(frm), group);
		}
		if (frappe.model.can_create("Disclosure Request")) {
			const create = () => kehu_archive.create("Disclosure Request", { archive: frm.doc.name });
			frm.add_custom_button(__("Give to an Outsider"), create, group);
		}
		if (frappe.model.can_create("Violation")) {
			const create = () => kehu_archive.create("Violation", { archive: frm.doc.name, violation_kind: "Leak" });
			frm.add_custom_button(__("Report a Leak"), create, group);
		}
	}

	function report(frm) {
		frappe.prompt(
			[{ fieldname: "data_scope", fieldtype: "Small Text", label: __("Data Concerned") }],
			({ data_scope }) =>
				frappe
					.xcall("kehu_archive.api.classification.report", { archive: frm.doc.name, data_scope: data_scope || "" })
					.then((name) => frappe.set_route("Form", "Classification Request", name)),
			__("Report for Classification")
		);
	}

	function ask_grade(frm) {
		frappe.prompt(
			[
				{
					fieldname: "grade",
					fieldtype: "Data",
					label: __("Access Grade"),
					default: frm.doc.access_grade,
					description: __("e.g. A; empty takes the grade away"),
				},
				{ fieldname: "reason", fieldtype: "Small Text", label: __("Reason"), reqd: 1 },
			],
			({ grade, reason }) =>
				frappe
					.xcall("kehu_archive.api.classification.set_grade", { archive: frm.doc.name, grade: grade || "", reason })
					.then(() => frm.reload_doc()),
			__("Set Access Grade")
		);
	}

	frappe.ui.form.on("Customer Archive", {
		refresh(frm) {
			show_mark(frm);
			add_actions(frm);
			const read_only = has_role(GRADERS) ? 0 : 1;
			if (cint(frm.get_field("access_grade")?.df.read_only) !== read_only) {
				frm.set_df_property("access_grade", "read_only", read_only);
			}
		},
	});

	// The pledge: until it is signed the server shows nothing of our records, so the Desk says why and asks for it.

	let dialog = null;

	/** Whether a place of the Desk shows records of ours; everything else stays usable. */
	function is_ours(route) {
		const [kind, name] = route;
		if (kind === "Workspaces") return ["Customer Archives", __("Customer Archives")].includes(name);
		if (["List", "Form", "Tree", "print"].includes(kind)) {
			return frappe.boot.kehu_pledge.doctypes.includes(name);
		}
		return ["customer-lookup"].includes(kind) || (kind === "query-report" && frappe.boot.kehu_pledge.reports.includes(name));
	}

	function ask_for_pledge() {
		if (!frappe.boot.kehu_pledge) return;
		const wanted = is_ours(frappe.get_route() || []);
		if (wanted) show_pledge();
		else dialog?.hide();
	}

	function show_pledge() {
		const { text, version, full_name } = frappe.boot.kehu_pledge;
		dialog =
			dialog ||
			new frappe.ui.Dialog({
				title: __("Confidentiality Pledge"),
				static: true,
				fields: [
					{ fieldname: "text", fieldtype: "HTML" },
					{
						fieldname: "typed_name",
						fieldtype: "Data",
						label: __("Sign with your full name"),
						description: kehu_archive.escape(full_name),
						reqd: 1,
					},
				],
				primary_action_label: __("Sign the Pledge"),
				primary_action: ({ typed_name }) => sign(typed_name),
			});
		dialog.fields_dict.text.$wrapper.html(
			String(kehu_archive.html`<div class="ka-pledge" tabindex="0">${text}</div>
				<p class="text-muted small">${__("Version {0}", [version])}</p>`)
		);
		dialog.show();
	}

	function sign(typed_name) {
		frappe.xcall("kehu_archive.api.pledge.sign", { typed_name }).then(() => {
			delete frappe.boot.kehu_pledge;
			dialog.hide();
			// What was refused before may be remembered by the open page: it is asked for again.
			window.location.reload();
		});
	}

	$(document).on("app_ready page-change", ask_for_pledge);
})();

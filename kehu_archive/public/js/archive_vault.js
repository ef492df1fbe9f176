// Opening an encrypted content: the purpose is asked, the call is logged, and what is shown goes again by itself.

frappe.provide("kehu_archive.vault");

(() => {
	const SECONDS_SHOWN = 60;
	const OTHER = "Other";

	/** Asks for the purpose and shows the content of one Sensitive Record; `title` says which record it is. */
	kehu_archive.vault.reveal = (name, title) => {
		const dialog = new frappe.ui.Dialog({
			title: kehu_archive.heading(__("Reveal"), title),
			fields: [
				{
					fieldname: "purpose",
					fieldtype: "Select",
					label: __("Purpose"),
					options: ["Work Need", "Return Visit", OTHER].map((value) => ({ value, label: __(value) })),
					default: "Work Need",
					reqd: 1,
					description: __("Who opened it, when and for what purpose stands in the access log"),
				},
				{
					fieldname: "words",
					fieldtype: "Data",
					label: __("Purpose in Words"),
					depends_on: `eval:doc.purpose === "${OTHER}"`,
					mandatory_depends_on: `eval:doc.purpose === "${OTHER}"`,
				},
				{ fieldname: "content", fieldtype: "HTML" },
			],
			primary_action_label: __("Reveal"),
			primary_action: ({ purpose, words }) => ask(dialog, name, purpose === OTHER ? words : purpose),
		});
		dialog.show();
		return dialog;
	};

	function ask(dialog, name, purpose) {
		dialog.disable_primary_action();
		frappe
			.xcall("kehu_archive.api.vault.reveal", { name, purpose })
			.then(({ value }) => show(dialog, value))
			.catch(() => dialog.enable_primary_action());
	}

	function show(dialog, value) {
		const { $wrapper } = dialog.get_field("content");
		$wrapper.html(
			String(kehu_archive.html`<div class="ka-secret" role="status"><code>${value || __("No content is recorded.")}</code>
				<p class="text-muted small">${__("Hidden again after {0} seconds", [SECONDS_SHOWN])}</p></div>`)
		);
		dialog.get_primary_btn().addClass("hide");
		const timer = setTimeout(() => dialog.hide(), SECONDS_SHOWN * 1000);
		dialog.onhide = () => {
			clearTimeout(timer);
			$wrapper.empty();
		};
	}

	// Those who can put it right learn at log-in that the key file is missing; see vault/keyring.py.
	$(document).on("app_ready", () => {
		const error = frappe.boot.kehu_archive_key_error;
		if (!error) return;
		frappe.msgprint({
			title: __("The Keys of the Customer Archives Are Missing"),
			message: kehu_archive.escape(error),
			indicator: "red",
		});
	});
})();

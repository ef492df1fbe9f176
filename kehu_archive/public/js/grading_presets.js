// The presets of grading schemes: what each means, how far it is, and the switch (V-03).

frappe.provide("kehu_archive.grading");

(() => {
	const { html } = kehu_archive;
	const API = "kehu_archive.api.grading_schemes";

	/** Show every preset; `after(scheme)` is called when one was switched on. */
	kehu_archive.grading.ask_preset = async (after) => {
		const presets = await frappe.xcall(`${API}.presets`);
		const dialog = new frappe.ui.Dialog({
			title: __("Preset Schemes"),
			size: "large",
			fields: [{ fieldname: "presets", fieldtype: "HTML" }],
		});
		const $box = dialog.get_field("presets").$wrapper;
		$box.html(
			String(html`<p class="text-muted">${__(
				"Switching on makes the scheme and a draft for this year. Fill in the thresholds that the regulation leaves open, try it out, then activate it. What you change stays yours."
			)}</p><div class="ka-presets">${presets.map(card)}</div>`)
		);
		$box.on("click", "[data-preset]", (event) => switch_on(dialog, event.currentTarget.dataset.preset, after));
		$box.on("click", "a", () => dialog.hide());
		dialog.show();
	};

	function card(preset) {
		const grades = preset.grades.map((one) => kehu_archive.grading.badge(one.label, one.colour));
		return html`<section class="ka-panel ka-preset" data-key="${preset.key}">
			<h5><span>${preset.name}</span>${state(preset)}</h5>
			<div class="ka-tags">${grades}<span class="ka-tag">${__(preset.method)}</span></div>
			<p>${preset.description}</p>
			<p class="text-muted small">${preset.basis}${
				preset.blanks ? html` · ${__("{0} thresholds to fill in", [preset.blanks])}` : ""
			}</p>
			${actions(preset)}
		</section>`;
	}

	function state(preset) {
		if (!preset.scheme) return html`<span class="indicator-pill gray">${__("Not Switched On")}</span>`;
		if (!preset.is_on) return html`<span class="indicator-pill gray">${__("Switched Off")}</span>`;
		const status = preset.version_status;
		return html`<span class="indicator-pill ${kehu_archive.colours[status] || "gray"}">${status ? __(status) : __("No Version")}</span>`;
	}

	function actions(preset) {
		const link = (doctype, name, label) =>
			name ? html`<a class="btn btn-default btn-xs" href="${frappe.utils.get_form_link(doctype, name)}">${label}</a>` : "";
		const button =
			!preset.is_on && frappe.model.can_create("Grading Scheme")
				? html`<button type="button" class="btn btn-primary btn-xs" data-preset="${preset.key}">${__("Switch On")}</button>`
				: "";
		return html`<div class="ka-actions">${button}${link("Grading Scheme", preset.scheme, __("Open the Scheme"))}${link(
			"Grading Scheme Version",
			preset.version,
			__("Open the Version")
		)}</div>`;
	}

	function switch_on(dialog, key, after) {
		return frappe.xcall(`${API}.switch_on`, { key }).then(({ scheme, version }) => {
			dialog.hide();
			frappe.show_alert({ message: __("{0} is switched on", [kehu_archive.escape(scheme)]), indicator: "green" });
			if (version) frappe.set_route("Form", "Grading Scheme Version", version);
			else after(scheme);
		});
	}
})();

const OUTCOME_COLOURS = { Allowed: "green", Approval: "orange", Refused: "red", "Restriction Only": "purple" };

frappe.listview_settings["Access Rule"] = {
	add_fields: ["outcome", "is_disabled", "preset", "held_by"],
	hide_name_column: true,

	onload(listview) {
		if (!frappe.user.has_role("Archive Administrator")) return;
		listview.page.add_inner_button(__("Presets"), () => ask_presets(listview));
	},

	get_indicator(doc) {
		if (doc.is_disabled) {
			return [doc.held_by ? __("Held Back") : __("Disabled"), "gray", "is_disabled,=,1"];
		}
		return [__(doc.outcome), OUTCOME_COLOURS[doc.outcome] || "gray", `outcome,=,${doc.outcome}`];
	},
};

/** One box for each preset, under the question it answers, with the clause it carries out (V-01, V-14, V-17, V-18). */
async function ask_presets(listview) {
	const presets = await frappe.xcall("kehu_archive.api.presets.overview");
	const dialog = new frappe.ui.Dialog({
		title: __("Presets of Access Rules"),
		size: "large",
		fields: preset_fields(presets),
		primary_action_label: __("Apply Presets"),
		primary_action(values) {
			const wanted = {};
			for (const preset of presets) {
				const on = Boolean(values[field_of(preset)]);
				if (on !== preset.is_on) wanted[preset.key] = Number(on);
			}
			if (!Object.keys(wanted).length) {
				dialog.hide();
				return;
			}
			dialog.disable_primary_action();
			frappe
				.xcall("kehu_archive.api.presets.switch", { wanted })
				.then(() => {
					dialog.hide();
					frappe.show_alert({ message: __("The access rules count from now on"), indicator: "green" });
					listview.refresh();
				})
				.catch(() => dialog.enable_primary_action());
		},
	});
	dialog.show();
}

function preset_fields(presets) {
	const fields = [
		{
			fieldtype: "HTML",
			options: String(
				kehu_archive.html`<p class="text-muted">${__(
					"Where several rules match, the strictest counts, so that a further preset never opens a file. Your own changes of rules stay."
				)}</p>`
			),
		},
	];
	let group = null;
	for (const preset of presets) {
		if (preset.group !== group) fields.push({ fieldtype: "Section Break", label: preset.group });
		group = preset.group;
		fields.push({
			fieldtype: "Check",
			fieldname: field_of(preset),
			label: kehu_archive.escape(preset.title),
			default: Number(preset.is_on),
			description: String(description_of(preset)),
		});
	}
	return fields;
}

function description_of(preset) {
	const replaced = preset.is_on ? [] : preset.replaces;
	return kehu_archive.html`${preset.basis}${
		preset.rules ? ` · ${__("{0} of {1} rules count", [preset.counting, preset.rules])}` : ""
	}${replaced.length ? kehu_archive.html`<br>${__("Stands for: {0}", [replaced.join(", ")])}` : ""}`;
}

const field_of = (preset) => `preset_${preset.key.replace(/\W/g, "_")}`;

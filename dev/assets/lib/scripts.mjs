/** esbuild plugins for what Frappe's scripts import besides scripts, and for what they forget to import. */
import fs from "node:fs/promises";
import path from "node:path";

/**
 * `import "./x.html"` stores the text as `frappe.templates.x`.
 *
 * It must be a template literal, not a JSON string: some templates hold sequences such as `\'` and count on
 * the one round of unescaping a literal does. Comments go, as they may hold text that the micro templates
 * would run.
 */
export function htmlPlugin() {
	return {
		name: "html-template",
		setup(build) {
			build.onLoad({ filter: /\.html$/ }, async ({ path: file }) => {
				const text = (await fs.readFile(file, "utf8"))
					.replace(/<!--[\s\S]*?-->/g, "")
					.replace(/\s+/g, " ")
					.replaceAll("`", "\\`")
					.replaceAll("${", "\\${");
				const name = path.basename(file).split(".")[0];
				return { contents: `frappe.templates[${JSON.stringify(name)}] = \`${text}\`;`, loader: "js" };
			});
		},
	};
}

/** Imports that a bundle of Frappe needs but leaves to the page it runs on; without them the page stops. */
const MISSING_IMPORTS = [
	// The web form opens a dialog, and dialogs use `frappe.ui.keys`, which only the Desk brings.
	{ filter: /[\\/]frappe[\\/]public[\\/]js[\\/]web_form\.bundle\.js$/, prefix: 'import "./frappe/ui/keyboard.js";\n' },
];

export function patchPlugin() {
	return {
		name: "missing-imports",
		setup(build) {
			for (const { filter, prefix } of MISSING_IMPORTS) {
				build.onLoad({ filter }, async ({ path: file }) => ({
					contents: prefix + (await fs.readFile(file, "utf8")),
					loader: "js",
				}));
			}
		},
	};
}

// Rules for what browsers run (the app's public files, form and list scripts) and what Node runs (dev/).
import js from "@eslint/js";
import globals from "globals";

// Names that Frappe's Desk puts on the window.
const desk = {
	__: "readonly",
	frappe: "writable",
	kehu_archive: "writable",
	cur_frm: "readonly",
	cur_list: "readonly",
	locals: "readonly",
	cint: "readonly",
	cstr: "readonly",
	flt: "readonly",
	format_currency: "readonly",
	format_number: "readonly",
	get_currency_symbol: "readonly",
	in_list: "readonly",
	is_null: "readonly",
	moment: "readonly",
	strip_html: "readonly",
	$: "readonly",
	jQuery: "readonly",
};

const rules = {
	...js.configs.recommended.rules,
	complexity: ["error", 10],
	eqeqeq: ["error", "always", { null: "ignore" }],
	"no-implicit-globals": "off",
	"no-unused-vars": ["error", { args: "after-used", argsIgnorePattern: "^_", caughtErrors: "none" }],
	"no-var": "error",
	"prefer-const": "error",
};

export default [
	{ ignores: ["**/node_modules/**", "**/dist/**", ".bench/**"] },
	{
		files: ["kehu_archive/**/*.js"],
		languageOptions: { ecmaVersion: 2022, sourceType: "script", globals: { ...globals.browser, ...desk } },
		rules,
	},
	{
		files: ["kehu_archive/**/*.bundle.js", "kehu_archive/public/js/**/modules/**/*.js"],
		languageOptions: { sourceType: "module" },
	},
	{
		files: ["dev/**/*.js", "dev/**/*.mjs"],
		languageOptions: { ecmaVersion: 2023, sourceType: "module", globals: { ...globals.node } },
		rules,
	},
	{
		// Bundled into what browsers run.
		files: ["dev/assets/shims/**/*.js"],
		languageOptions: { globals: { ...globals.browser, ...desk } },
	},
];

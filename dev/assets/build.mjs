/**
 * Builds the Desk's scripts and styles for a bench whose Frappe came without its bundler (a wheel never
 * carries it), and those of every other app of that bench.
 *
 *     npm ci --ignore-scripts --prefix dev/assets
 *     node dev/assets/build.mjs --bench DIR [--app NAME]
 *
 * Every `<app>/public/**\/*.bundle.{js,scss,css}` becomes `sites/assets/<app>/dist/{js,css}/<name>.bundle.<HASH>.{js,css}`,
 * styles also a mirrored copy in `dist/css-rtl`. `sites/assets/assets.json` and `assets-rtl.json` tell Frappe
 * which file is the current one; they are replaced last, in one step, so a build that fails half-way leaves
 * the site as it was. `--app` builds one app and keeps the entries of the others.
 *
 * Frappe caches the two lists in Redis unless developer mode is on: run `bench --site S clear-cache` afterwards.
 * For development only. A production bench builds with Frappe's own `bench build`.
 */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import esbuild from "esbuild";
import { linkPublicFolder } from "./lib/links.mjs";
import { htmlPlugin, patchPlugin } from "./lib/scripts.mjs";
import { stylePlugin } from "./lib/styles.mjs";
import { vuePlugin } from "./lib/vue.mjs";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const NODE_MODULES = path.join(HERE, "node_modules");
const BUNDLE = /\.bundle\.(js|scss|css)$/;

/** An app of the bench, or null when it has no `public` folder and so nothing to build or serve. */
function describeApp(bench, name) {
	const root = path.join(bench, "apps", name);
	const publicFolder = path.join(root, name, "public");
	if (!fs.existsSync(publicFolder)) return null;
	return { name, root, publicFolder, assets: path.join(bench, "sites", "assets", name) };
}

/** All bundle sources below `folder`, as esbuild entry points: {"js/desk.bundle": "/…/desk.bundle.js"}. */
function findBundles(folder, found = {}) {
	for (const item of fs.readdirSync(folder, { withFileTypes: true })) {
		const full = path.join(folder, item.name);
		if (item.isDirectory()) {
			if (item.name !== "node_modules" && item.name !== "dist") findBundles(full, found);
		} else if (BUNDLE.test(item.name)) {
			const kind = item.name.endsWith(".js") ? "js" : "css";
			const entry = `${kind}/${item.name.replace(/\.(js|scss|css)$/, "")}`;
			if (found[entry]) throw new Error(`Two bundles of one name: ${found[entry]} and ${full}`);
			found[entry] = full;
		}
	}
	return found;
}

/** Runs esbuild over `entries` and gives its outputs as a map from "js/desk.bundle.js" to text; writes nothing. */
async function compile(app, entries, roots, { rtl = false } = {}) {
	const outdir = path.join(app.assets, "dist");
	const result = await esbuild.build({
		entryPoints: entries,
		outdir,
		bundle: true,
		minify: true,
		write: false,
		// es2020 and later would write colours as #rrggbbaa, which the mail inliner refuses.
		target: ["es2017", "chrome61"],
		// Sources name files of any app as "frappe/public/…", and packages from below whatever folder the app is linked from.
		nodePaths: [...roots, NODE_MODULES, ...roots.map((root) => path.join(root, "node_modules"))],
		alias: { "air-datepicker/dist/js/datepicker.min.js": path.join(HERE, "shims", "air-datepicker.js") },
		// Absolute addresses are answered by the web server, not by this build.
		external: ["/assets/*", "/files/*"],
		loader: { ".svg": "dataurl", ".png": "dataurl", ".gif": "dataurl", ".woff": "dataurl", ".woff2": "dataurl" },
		define: {
			"process.env.NODE_ENV": '"production"',
			__VUE_OPTIONS_API__: "true",
			__VUE_PROD_DEVTOOLS__: "false",
		},
		plugins: [htmlPlugin(), patchPlugin(), vuePlugin(roots, NODE_MODULES), stylePlugin(roots, NODE_MODULES, { rtl })],
		logLevel: "silent",
	});
	for (const text of await esbuild.formatMessages(result.warnings, { kind: "warning" })) console.warn(text.trimEnd());
	return new Map(result.outputFiles.map((file) => [path.relative(outdir, file.path).replaceAll("\\", "/"), file.text]));
}

/**
 * Styles that a script imports (Vue components do) come out as a file of their own, which no page would load:
 * put them at the head of the script instead.
 */
function inlineScriptStyles(outputs) {
	for (const name of [...outputs.keys()].filter((file) => /^js\/.*\.css$/.test(file))) {
		const script = name.replace(/\.css$/, ".js");
		const css = JSON.stringify(outputs.get(name));
		const head = `(function(){var s=document.createElement("style");s.textContent=${css};document.head.appendChild(s)})();\n`;
		outputs.set(script, head + outputs.get(script));
		outputs.delete(name);
	}
}

/** Writes `text` as `dist/<folder>/<name>.<HASH>.<ext>` and returns the address the browser asks for. */
function writeHashed(app, folder, fileName, text) {
	const hash = createHash("sha256").update(text).digest("hex").slice(0, 8).toUpperCase();
	const extension = path.extname(fileName);
	const hashed = `${path.basename(fileName, extension)}.${hash}${extension}`;
	const target = path.join(app.assets, "dist", folder);
	fs.mkdirSync(target, { recursive: true });
	writeAtomically(path.join(target, hashed), text);
	return `/assets/${app.name}/dist/${folder}/${hashed}`;
}

function writeAtomically(file, text) {
	const draft = `${file}.${process.pid}.tmp`;
	fs.writeFileSync(draft, text);
	fs.renameSync(draft, file);
}

/** Builds one app; returns its part of assets.json and of assets-rtl.json. */
async function buildApp(app, roots) {
	linkPublicFolder(app, NODE_MODULES);
	const entries = findBundles(app.publicFolder);
	const styles = Object.fromEntries(Object.entries(entries).filter(([name]) => name.startsWith("css/")));
	const [outputs, mirrored] = await Promise.all([compile(app, entries, roots), compile(app, styles, roots, { rtl: true })]);
	inlineScriptStyles(outputs);

	const assets = {};
	for (const [file, text] of outputs) {
		assets[path.basename(file)] = writeHashed(app, path.dirname(file), path.basename(file), text);
	}
	const rtl = {};
	for (const [file, text] of mirrored) {
		rtl[`rtl_${path.basename(file)}`] = writeHashed(app, "css-rtl", path.basename(file), text);
	}
	return { assets, rtl };
}

function readJson(file) {
	return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : {};
}

/** Entries of apps that were not built now and are still on the bench. */
function keepOthers(list, builtNames, allNames) {
	return Object.fromEntries(
		Object.entries(list).filter(([, address]) => {
			const owner = address.split("/")[2];
			return allNames.includes(owner) && !builtNames.includes(owner);
		})
	);
}

function writeList(file, list) {
	const sorted = Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)));
	writeAtomically(file, JSON.stringify(sorted, null, "\t"));
}

/** Removes outputs that neither this build nor the one before it names: open pages still ask for the latter. */
function sweep(app, addresses) {
	const wanted = new Set(addresses);
	for (const folder of ["js", "css", "css-rtl"]) {
		const full = path.join(app.assets, "dist", folder);
		for (const file of fs.existsSync(full) ? fs.readdirSync(full) : []) {
			if (!wanted.has(`/assets/${app.name}/dist/${folder}/${file}`)) fs.rmSync(path.join(full, file));
		}
	}
}

async function main() {
	const { values } = parseArgs({ options: { bench: { type: "string" }, app: { type: "string" } } });
	if (!values.bench) throw new Error("Usage: node dev/assets/build.mjs --bench DIR [--app NAME]");
	const bench = path.resolve(values.bench);
	const names = fs.readFileSync(path.join(bench, "sites", "apps.txt"), "utf8").split(/\s+/).filter(Boolean);
	if (values.app && !names.includes(values.app)) throw new Error(`${values.app} is not in sites/apps.txt`);

	const apps = names.map((name) => describeApp(bench, name)).filter(Boolean);
	const roots = names.map((name) => path.join(bench, "apps", name));
	const chosen = apps.filter((app) => !values.app || app.name === values.app);

	const listFile = path.join(bench, "sites", "assets", "assets.json");
	const rtlFile = path.join(bench, "sites", "assets", "assets-rtl.json");
	const [oldList, oldRtl] = [readJson(listFile), readJson(rtlFile)];
	const builtNames = values.app ? [values.app] : names;
	const list = keepOthers(oldList, builtNames, names);
	const rtlList = keepOthers(oldRtl, builtNames, names);

	for (const app of chosen) {
		const started = performance.now();
		const { assets, rtl } = await buildApp(app, roots);
		for (const name of Object.keys(assets)) {
			// Names are common to the bench, as they are to Frappe: the later app wins. Say so.
			if (list[name]) console.warn(`${name}: ${app.name} replaces ${list[name]}`);
		}
		Object.assign(list, assets);
		Object.assign(rtlList, rtl);
		const seconds = ((performance.now() - started) / 1000).toFixed(1);
		console.log(`${app.name}: ${Object.keys(assets).length} bundles in ${seconds} s`);
	}

	fs.mkdirSync(path.dirname(listFile), { recursive: true });
	writeList(rtlFile, rtlList);
	writeList(listFile, list);
	const inUse = [list, rtlList, oldList, oldRtl].flatMap(Object.values);
	for (const app of chosen) sweep(app, inUse);
}

main().catch(async (error) => {
	// One mistake often repeats itself in every file: the first few are enough to see it.
	const details = error.errors ? await esbuild.formatMessages(error.errors.slice(0, 5), { kind: "error" }) : [error.message];
	console.error(details.join("\n").trimEnd());
	process.exitCode = 1;
});

/** Vue single-file components as an esbuild plugin: script, template and styles become modules of their own. */
import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import * as compiler from "@vue/compiler-sfc";
import * as sass from "sass";
import { sassOptions } from "./styles.mjs";

/** Reads a component and compiles its script, which the template needs for its bindings. */
async function readComponent(file) {
	const source = await fs.readFile(file, "utf8");
	const { descriptor, errors } = compiler.parse(source, { filename: file });
	if (errors.length) throw errors[0];
	const id = createHash("sha256").update(source).digest("hex").slice(0, 8);
	// Compiled apart from the template: `app.mount()` of an inlined component gives an object without the
	// component's state, and Frappe reads that state (`this.uploader.files`).
	const hasScript = descriptor.script || descriptor.scriptSetup;
	const script = hasScript ? compiler.compileScript(descriptor, { id, inlineTemplate: false }) : null;
	return { descriptor, id, script, scoped: descriptor.styles.some((style) => style.scoped) };
}

function mainModule(file, { descriptor, id, scoped }) {
	const here = JSON.stringify(`./${path.basename(file)}`).slice(1, -1);
	const lines = [`import component from "${here}?script";`];
	descriptor.styles.forEach((_, index) => lines.push(`import "${here}?style${index}";`));
	if (descriptor.template) lines.push(`import { render } from "${here}?template";`, "component.render = render;");
	if (scoped) lines.push(`component.__scopeId = "data-v-${id}";`);
	lines.push("export default component;");
	return { contents: lines.join("\n"), loader: "js" };
}

function scriptModule({ script }) {
	return { contents: script?.content ?? "export default {};", loader: script?.lang === "ts" ? "ts" : "js" };
}

function templateModule(file, { descriptor, id, script, scoped }) {
	const { code, errors } = compiler.compileTemplate({
		source: descriptor.template.content,
		filename: file,
		id,
		scoped,
		slotted: descriptor.slotted,
		compilerOptions: { bindingMetadata: script?.bindings },
	});
	if (errors.length) throw errors[0];
	return { contents: code, loader: "js" };
}

/** An `@import` of plain CSS stays in the output and is inlined by esbuild: what it brings is not scoped, as intended. */
function styleModule(file, { descriptor, id }, index, options) {
	const style = descriptor.styles[index];
	const loadPaths = [path.dirname(file), ...options.loadPaths];
	const source =
		style.lang === "scss" ? sass.compileString(style.content, { ...options, loadPaths }).css : style.content;
	const { code, errors } = compiler.compileStyle({ source, filename: file, id: `data-v-${id}`, scoped: style.scoped });
	if (errors.length) throw errors[0];
	return { contents: code, loader: "css" };
}

export function vuePlugin(roots, nodeModules) {
	const options = sassOptions(roots, nodeModules);
	return {
		name: "vue",
		setup(build) {
			const components = new Map();
			const component = (file) => {
				if (!components.has(file)) components.set(file, readComponent(file));
				return components.get(file);
			};
			const answer = async (file, make) => {
				try {
					return { ...make(await component(file)), resolveDir: path.dirname(file) };
				} catch (error) {
					return { errors: [{ text: `${file}: ${error.message ?? error}` }] };
				}
			};

			build.onResolve({ filter: /\.vue\?/ }, ({ path: request, resolveDir }) => {
				const [file, part] = request.split("?");
				return { path: path.join(resolveDir, file), namespace: `vue-${part.replace(/\d+$/, "")}`, suffix: `?${part}` };
			});
			build.onLoad({ filter: /\.vue$/, namespace: "file" }, ({ path: file }) =>
				answer(file, (parts) => mainModule(file, parts))
			);
			build.onLoad({ filter: /./, namespace: "vue-script" }, ({ path: file }) => answer(file, scriptModule));
			build.onLoad({ filter: /./, namespace: "vue-template" }, ({ path: file }) =>
				answer(file, (parts) => templateModule(file, parts))
			);
			build.onLoad({ filter: /./, namespace: "vue-style" }, ({ path: file, suffix }) =>
				answer(file, (parts) => styleModule(file, parts, Number(suffix.match(/\d+$/)[0]), options))
			);
		},
	};
}

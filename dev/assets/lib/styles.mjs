/** Sass, and mirroring for right-to-left languages, as an esbuild plugin. */
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import rtlcss from "rtlcss";
import * as sass from "sass";

/**
 * Options for Sass: `~package/file` means a package, `app/public/file` an app of the bench.
 *
 * Warnings are dropped: all of them are deprecations within Bootstrap 4 and Frappe, whose sources are fixed.
 */
export function sassOptions(roots, nodeModules) {
	return {
		loadPaths: [...roots, nodeModules],
		importers: [
			{
				findFileUrl(url) {
					if (!url.startsWith("~")) return null;
					return new URL(url.slice(1), `${pathToFileURL(nodeModules)}/`);
				},
			},
		],
		// The page says it is UTF-8; a byte order mark would end up amid the bundle.
		charset: false,
		logger: sass.Logger.silent,
	};
}

/**
 * Compiles `.scss`; with `rtl`, mirrors every style sheet.
 *
 * Mirroring happens here and not on the finished bundle because esbuild drops comments, and `rtl:ignore`
 * comments tell what must not be mirrored.
 */
export function stylePlugin(roots, nodeModules, { rtl = false } = {}) {
	const mirror = (css) => (rtl ? rtlcss.process(css) : css);
	return {
		name: "styles",
		setup(build) {
			build.onLoad({ filter: /\.scss$/, namespace: "file" }, ({ path: file }) => {
				try {
					const { css, loadedUrls } = sass.compile(file, sassOptions(roots, nodeModules));
					const watchFiles = loadedUrls.map((url) => fileURLToPath(url));
					return { contents: mirror(css), loader: "css", resolveDir: path.dirname(file), watchFiles };
				} catch (error) {
					// Sass' own message shows file, line and the code.
					return { errors: [{ text: error.message }] };
				}
			});
			if (rtl) {
				build.onLoad({ filter: /\.css$/, namespace: "file" }, ({ path: file }) => ({
					contents: mirror(fs.readFileSync(file, "utf8")),
					loader: "css",
				}));
			}
		},
	};
}

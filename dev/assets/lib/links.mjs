/** Makes `sites/assets/<app>` a folder of links, so that the web server finds the app's files and no build writes into the app. */
import fs from "node:fs";
import path from "node:path";

/** Packages that the Desk of Frappe loads by address while it runs, instead of bundling them. */
const RUNTIME_PACKAGES = ["ace-builds", "frappe-gantt", "html5-qrcode", "js-sha256", "qz-tray"];

/** Frappe's own tools link the whole `public` folder; a `dist` written through such a link would land in the app. */
function ensureRealFolder(folder) {
	if (fs.lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) fs.unlinkSync(folder);
	fs.mkdirSync(folder, { recursive: true });
}

/** Points the link `name` in `folder` at `target`; relative, so that the bench can be moved or mounted elsewhere. */
function link(folder, name, target) {
	const place = path.join(folder, name);
	const wanted = path.relative(folder, target);
	const present = fs.lstatSync(place, { throwIfNoEntry: false });
	if (present?.isSymbolicLink() && fs.readlinkSync(place) === wanted) return;
	if (present) fs.rmSync(place, { recursive: true });
	fs.symlinkSync(wanted, place);
}

function removeDeadLinks(folder) {
	for (const name of fs.readdirSync(folder)) {
		const place = path.join(folder, name);
		if (fs.lstatSync(place).isSymbolicLink() && !fs.existsSync(place)) fs.unlinkSync(place);
	}
}

/** Links every child of the app's `public` into `sites/assets/<app>`, and the packages the browser asks for. */
export function linkPublicFolder(app, nodeModules) {
	ensureRealFolder(app.assets);
	// The link's own folder may be reached through links: measure relative paths from where it really lies.
	const assets = fs.realpathSync(app.assets);
	removeDeadLinks(assets);
	for (const name of fs.readdirSync(app.publicFolder)) {
		const skip = name.startsWith(".") || name === "dist" || name === "node_modules";
		if (!skip) link(assets, name, fs.realpathSync(path.join(app.publicFolder, name)));
	}

	const own = path.join(app.root, "node_modules");
	if (fs.existsSync(own)) {
		link(assets, "node_modules", fs.realpathSync(own));
	} else if (app.name === "frappe") {
		const packages = path.join(assets, "node_modules");
		ensureRealFolder(packages);
		for (const name of RUNTIME_PACKAGES) link(packages, name, path.join(fs.realpathSync(nodeModules), name));
	}
}

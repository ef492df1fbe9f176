/**
 * Realtime server of the development bench: passes what Frappe publishes in Redis on to the open Desk pages
 * (lists that refresh themselves, progress bars, the bell, who else has a form open).
 *
 *     node dev/realtime/server.mjs
 *
 * KEHU_REDIS_URL      the bench's `redis_queue`, where Frappe publishes   redis://127.0.0.1:11000
 * KEHU_SOCKETIO_PORT  the bench's `socketio_port`                         9000
 * KEHU_SITES_PATH     the bench's `sites` folder (required)
 * KEHU_WEB_URL        the web server, which tells who a session is        http://127.0.0.1:8000
 * KEHU_WEB_SITE       the one site the web server is pinned to, if it is  any site of the bench
 *
 * The Desk asks this port only when the web server runs with DEV_SERVER=1. Packages come from dev/assets, so
 * that one `npm ci` serves both. For a Frappe that has its own realtime server (any git checkout) use that one.
 */
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(new URL("../assets/package.json", import.meta.url));
const { createClient } = require("redis");
const { Server } = require("socket.io");

const { KEHU_SITES_PATH: sitesPath, KEHU_WEB_SITE: onlySite } = process.env;
const redisUrl = process.env.KEHU_REDIS_URL || "redis://127.0.0.1:11000";
const webUrl = process.env.KEHU_WEB_URL || "http://127.0.0.1:8000";
const port = Number(process.env.KEHU_SOCKETIO_PORT || 9000);
if (!sitesPath) throw new Error("KEHU_SITES_PATH is not set");

/**
 * Pages connect to the namespace `/<site>`. The name comes from outside: it must be one plain folder name, and,
 * where the web server answers for one site whatever it is asked, that site; or its users could listen to others.
 */
function isSite(name) {
	if (onlySite && name !== onlySite) return false;
	return /^[\w.-]+$/.test(name) && fs.existsSync(path.join(sitesPath, name, "site_config.json"));
}

/** Another site's page must not ride on the visitor's cookie: page and server share the host name. */
function isSameHost({ origin, host }) {
	if (!origin) return true; // not a page: a browser always names one across ports
	try {
		return new URL(origin).hostname === new URL(`http://${host}`).hostname;
	} catch {
		return false;
	}
}

/** Calls a method of frappe.realtime as the visitor; null when Frappe refuses or does not answer. */
async function ask(socket, method, args = {}) {
	const address = `${webUrl}/api/method/frappe.realtime.${method}?${new URLSearchParams(args)}`;
	const headers = { Cookie: socket.handshake.headers.cookie ?? "", "X-Frappe-Site-Name": socket.data.site };
	try {
		const response = await fetch(address, { headers, signal: AbortSignal.timeout(10_000) });
		return response.ok ? (await response.json()).message : null;
	} catch (error) {
		console.error(`${method}: ${error.cause?.message ?? error.message}`);
		return null;
	}
}

async function authenticate(socket, next) {
	socket.data.site = socket.nsp.name.slice(1);
	const { headers } = socket.handshake;
	if (!isSite(socket.data.site) || !isSameHost(headers)) return next(new Error("Invalid origin"));
	if (!/(^|;\s*)sid=/.test(headers.cookie ?? "")) return next(new Error("No session"));
	const info = await ask(socket, "get_user_info");
	if (!info) return next(new Error("Unauthorized"));
	Object.assign(socket.data, info);
	next();
}

/** Tells everybody who has the document open who else has. */
async function announceViewers(namespace, doctype, docname) {
	const room = `open_doc:${doctype}/${docname}`;
	const users = new Set((await namespace.in(room).fetchSockets()).map((socket) => socket.data.user));
	namespace.to(room).emit("doc_viewers", { doctype, docname, users: [...users] });
}

function onConnection(socket) {
	const openDocs = new Map();
	const mayRead = (doctype, docname) => ask(socket, "can_subscribe_doc", { doctype, docname });

	// Rooms are named as in frappe/realtime.py, except `open_doc:`, which is this server's own.
	socket.join([`user:${socket.data.user}`, "website"]);
	if (socket.data.user_type === "System User") socket.join("all");

	socket.on("doctype_subscribe", async (doctype) => {
		if (await ask(socket, "can_subscribe_doctype", { doctype })) socket.join(`doctype:${doctype}`);
	});
	socket.on("doctype_unsubscribe", (doctype) => socket.leave(`doctype:${doctype}`));
	socket.on("doc_subscribe", async (doctype, docname) => {
		if (await mayRead(doctype, docname)) socket.join(`doc:${doctype}/${docname}`);
	});
	socket.on("doc_unsubscribe", (doctype, docname) => socket.leave(`doc:${doctype}/${docname}`));
	// A task's name is random: whoever knows it was given it.
	for (const event of ["task_subscribe", "progress_subscribe"]) {
		socket.on(event, (task) => socket.join(`task_progress:${task}`));
	}
	socket.on("task_unsubscribe", (task) => socket.leave(`task_progress:${task}`));

	socket.on("doc_open", async (doctype, docname) => {
		if (!(await mayRead(doctype, docname))) return;
		const room = `open_doc:${doctype}/${docname}`;
		openDocs.set(room, [doctype, docname]);
		socket.join(room);
		announceViewers(socket.nsp, doctype, docname);
	});
	const close = (room) => {
		if (!openDocs.has(room)) return;
		socket.leave(room);
		announceViewers(socket.nsp, ...openDocs.get(room));
		openDocs.delete(room);
	};
	socket.on("doc_close", (doctype, docname) => close(`open_doc:${doctype}/${docname}`));
	socket.on("disconnect", () => [...openDocs.keys()].forEach(close));
}

const server = http.createServer();
// Any origin may try: `authenticate` refuses those of another host.
const io = new Server(server, { cors: { origin: true, credentials: true } });
io.of(/^\/.+$/).use(authenticate).on("connection", onConnection);

const subscriber = createClient({ url: redisUrl });
subscriber.on("error", (error) => console.error(`redis: ${error.message}`)); // the client reconnects by itself
await subscriber.connect();
await subscriber.subscribe("events", (text) => {
	const { namespace, room, event, message } = JSON.parse(text);
	io.of(`/${namespace}`).to(room).emit(event, message);
});

server.listen(port, "127.0.0.1", () => console.log(`realtime: port ${port}`));
for (const signal of ["SIGINT", "SIGTERM"]) {
	process.on(signal, () => process.exit(0));
}

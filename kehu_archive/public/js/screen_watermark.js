// Who looks and when, over every screen that shows records of ours, so that a picture of the screen names its maker (R-SEC-02, R-DSC-07).

frappe.provide("kehu_archive");

(() => {
	const EVERY = 60 * 1000;
	const TILE = { width: 360, height: 230, angle: -24, line: 22 };

	/** Whether a place of the Desk shows records of ours. */
	function is_ours([kind, name]) {
		const { doctypes, reports, pages } = frappe.boot.kehu_watermark;
		if (["List", "Form", "Tree", "print"].includes(kind)) return doctypes.includes(name);
		return pages.includes(kind) || (kind === "query-report" && reports.includes(name));
	}

	/** Confidentiality of the open archive, full name and log-in, time. */
	function lines([kind, doctype, name]) {
		const doc = kind === "Form" && doctype === "Customer Archive" && frappe.get_doc(doctype, name);
		const mark = doc && !doc.__islocal ? `${__("Confidentiality")}: ${kehu_archive.confidentiality.mark(doc).text}` : "";
		const who = `${frappe.session.user_fullname} <${frappe.session.user}>`;
		return [mark, who, frappe.datetime.now_datetime().slice(0, 16)].filter(Boolean);
	}

	function tile(texts) {
		const { width, height, angle, line } = TILE;
		const spans = texts.map(
			(text, index) => kehu_archive.html`<text x="${width / 2}" y="${height / 2 + index * line}">${text}</text>`
		);
		const svg = kehu_archive.html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
			<g transform="rotate(${angle} ${width / 2} ${height / 2})" fill="#808080" fill-opacity="0.16"
				font-family="sans-serif" font-size="14" text-anchor="middle">${spans}</g></svg>`;
		return `url("data:image/svg+xml,${encodeURIComponent(String(svg))}")`;
	}

	kehu_archive.show_screen_watermark = () => {
		if (!frappe.boot?.kehu_watermark) return;
		const route = frappe.get_route() || [];
		const layer = document.querySelector(".ka-screen-watermark");
		if (!is_ours(route)) {
			layer?.remove();
			return;
		}
		const texts = lines(route);
		const shown = layer || document.body.appendChild(document.createElement("div"));
		shown.className = "ka-screen-watermark";
		shown.setAttribute("aria-hidden", "true");
		shown.dataset.text = texts.join(" · ");
		shown.style.backgroundImage = tile(texts);
	};

	$(document).on("app_ready page-change", kehu_archive.show_screen_watermark);
	setInterval(kehu_archive.show_screen_watermark, EVERY);
	frappe.ui.form.on("Customer Archive", { refresh: kehu_archive.show_screen_watermark });
})();

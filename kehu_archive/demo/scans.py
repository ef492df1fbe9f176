"""Pictures that stand for scanned papers: a round seal, a licence, a page of a contract. Drawn, not scanned."""

from __future__ import annotations

import io
import math
from functools import lru_cache

import frappe
from PIL import Image, ImageDraw

from kehu_archive.constants import ARCHIVE

RED = (200, 30, 30)


@lru_cache(maxsize=1)
def seal() -> bytes:
	"""A round red seal with a star, as PNG."""
	image = Image.new("RGB", (240, 240), "white")
	draw = ImageDraw.Draw(image)
	draw.ellipse((10, 10, 230, 230), outline=RED, width=8)
	points = []
	for corner in range(10):
		radius, angle = (62, 24)[corner % 2], math.radians(36 * corner - 90)
		points.append((120 + radius * math.cos(angle), 120 + radius * math.sin(angle)))
	draw.polygon(points, fill=RED)
	draw.text((86, 190), "SPECIMEN", fill=RED)
	return _bytes(image, "PNG")


@lru_cache(maxsize=1)
def licence() -> bytes:
	"""A framed page with lines, as PNG."""
	return _bytes(_page(), "PNG")


@lru_cache(maxsize=1)
def contract() -> bytes:
	"""The same page as PDF."""
	return _bytes(_page(), "PDF")


def _page() -> Image.Image:
	image = Image.new("RGB", (420, 594), "white")
	draw = ImageDraw.Draw(image)
	draw.rectangle((16, 16, 404, 578), outline=(150, 120, 60), width=4)
	draw.text((168, 50), "DEMO COPY", fill="black")
	for line in range(14):
		draw.line(
			(60, 120 + 28 * line, 360 - 40 * (line % 3), 120 + 28 * line), fill=(120, 120, 120), width=2
		)
	return image


def _bytes(image: Image.Image, kind: str) -> bytes:
	buffer = io.BytesIO()
	image.save(buffer, format=kind)
	return buffer.getvalue()


def attach(archive: str, file_name: str, content: bytes) -> str:
	"""Keep a private file with the archive and return its address."""
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": file_name,
			"attached_to_doctype": ARCHIVE,
			"attached_to_name": archive,
			"is_private": 1,
			"content": content,
		}
	).insert()
	return str(file.file_url)

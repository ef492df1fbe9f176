"""The Chinese font of the stamps: a small TrueType cut of Noto Sans CJK SC with just the characters that are written.

The system's font has PostScript outlines, which the PDF library cannot embed; the few outlines that are needed are turned into TrueType ones.
Where the font is not installed, the library's own Chinese font is named instead: readers bring it along, and the text stays text.
"""

from __future__ import annotations

import io
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont as EmbeddedFont

FAMILY: Final = "Noto Sans CJK SC"
NAME: Final = "KehuArchiveStamp"
FALLBACK: Final = "STSong-Light"
FOLDERS: Final = ("/usr/share/fonts", "/usr/local/share/fonts")
_PATTERNS: Final = ("NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf")
_UNKNOWN: Final = "□"


#: Characters that some text has needed so far, beginning with what every stamp may contain; the library keeps a font once it has seen it.
_needed: set[str] = {chr(code) for code in range(0x20, 0x7F)} | {_UNKNOWN}
_registered: list[str] = []


def register(text: str) -> str:
	"""Make a font that can write `text` known to the PDF library and return its name. Not safe for two threads at once.

	The library never forgets a font nor takes another of the same name, so each has a number, and grows by what new texts need.
	"""
	source = _source()
	if source is None:
		pdfmetrics.registerFont(UnicodeCIDFont(FALLBACK))
		return FALLBACK
	if not _registered or not _needed.issuperset(text):
		_needed.update(text)
		name = f"{NAME}{len(_registered) + 1}"
		pdfmetrics.registerFont(EmbeddedFont(name, io.BytesIO(_cut(source, _needed, name))))
		_registered.append(name)
	return _registered[-1]


def writable(text: str) -> str:
	"""The text with a box in place of every character that the font lacks and of every control character."""
	source = _source()
	known = source.getBestCmap() if source is not None else None
	return "".join(
		char if char.isprintable() and (known is None or ord(char) in known) else _UNKNOWN for char in text
	)


@lru_cache(maxsize=1)
def _source() -> Any:
	for folder in FOLDERS:
		for pattern in _PATTERNS:
			for path in sorted(Path(folder).rglob(pattern)):
				return _open(path)
	return None


def _open(path: Path) -> Any:
	if path.suffix != ".ttc":
		return TTFont(path, lazy=True)
	with TTCollection(path, lazy=True) as collection:
		families = [font["name"].getDebugName(1) for font in collection.fonts]
	return TTFont(path, fontNumber=families.index(FAMILY), lazy=True)


def _cut(source: Any, characters: Collection[str], family: str) -> bytes:
	"""A TrueType font with the outlines of these characters; those that the source lacks are left out."""
	known = source.getBestCmap()
	wanted = {ord(char): known[ord(char)] for char in sorted(characters) if ord(char) in known}
	order = [".notdef", *dict.fromkeys(wanted.values())]
	outlines = source.getGlyphSet()
	units = source["head"].unitsPerEm
	builder = FontBuilder(units, isTTF=True)
	builder.setupGlyphOrder(order)
	builder.setupCharacterMap(wanted)
	builder.setupGlyf({name: _outline(outlines[name]) for name in order})
	builder.setupHorizontalMetrics({name: source["hmtx"][name] for name in order})
	ascent, descent = source["hhea"].ascent, source["hhea"].descent
	builder.setupHorizontalHeader(ascent=ascent, descent=descent)
	builder.setupNameTable({"familyName": family, "styleName": "Regular", "psName": family})
	builder.setupOS2(sTypoAscender=ascent, sTypoDescender=descent, usWinAscent=ascent, usWinDescent=-descent)
	builder.setupPost()
	file = io.BytesIO()
	builder.save(file)
	return file.getvalue()


def _outline(glyph: Any) -> Any:
	pen = TTGlyphPen(None)
	glyph.draw(Cu2QuPen(pen, max_err=1.0, reverse_direction=True))
	return pen.glyph()

"""The benchmarks' site as it would answer without the access check and without the audit entry: the other side of a ratio, for nothing else."""

from __future__ import annotations

from kehu_archive.audit import log
from kehu_archive.permissions import documents


def _answer_yes(*_arguments: object, **_more: object) -> bool:
	return True


def _write_nothing(*_arguments: object, **_more: object) -> str:
	return ""


documents.has_permission = _answer_yes
log.record = _write_nothing

from kehu_dev.wsgi import application  # noqa: E402

__all__ = ["application"]

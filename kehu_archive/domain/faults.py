"""Faults: what is wrong with a user's input, as values.

Contract: a rule returns `Fault` values and never raises for input. A fault carries the field it belongs to, a stable code for programs and an
English template with its parameters for people. `Fault.render` puts the three together once the caller gives it a translation function, so
that the domain itself knows no language. Errors stop a save, warnings and hints do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final, Generic, TypeVar

from kehu_archive.domain.messages import template

Param = str | int | tuple[str, ...]
T = TypeVar("T")

ERROR: Final = "error"
WARNING: Final = "warning"

TERM_PARAMS: Final = frozenset(
	{"state", "from_state", "to_state", "next_states", "action", "roles_needed", "column", "kind", "metric"}
)
"""Parameters whose values are words of the interface and are translated too."""


@dataclass(frozen=True)
class Fault:
	"""One thing that is wrong: field name, stable code, English template, its parameters and whether it stops the save."""

	field: str
	code: str
	message: str
	params: tuple[tuple[str, Param], ...] = ()
	severity: str = ERROR

	@property
	def is_error(self) -> bool:
		"""True when the input must be refused, False for a warning."""
		return self.severity == ERROR

	def param(self, name: str) -> Param | None:
		"""Return one parameter, None when the fault has no such parameter."""
		return dict(self.params).get(name)

	def at(self, field_name: str) -> Fault:
		"""Return the same fault for another field."""
		return replace(self, field=field_name)

	def render(
		self, translate: Callable[[str], str] = str, label: str | None = None, row: int | None = None
	) -> str:
		"""Return the sentence for a person.

		`translate` turns an English source string into the user's language; `label` is the field's English label (the field name when
		missing); `row` is the number of a table row, which goes in front.
		"""
		values: dict[str, str] = {"label": translate(label or self.field)}
		for name, value in self.params:
			values[name] = _shown(value, translate if name in TERM_PARAMS else str)
		text = translate(self.message).format(**values)
		if row is None:
			return text
		return translate(template("in-row")).format(row=row, text=text)


def _shown(value: Param, translate: Callable[[str], str]) -> str:
	if isinstance(value, tuple):
		return ", ".join(translate(item) for item in value)
	return translate(value) if isinstance(value, str) else str(value)


@dataclass(frozen=True)
class Checked(Generic[T]):
	"""A normalised value together with what was found; `value` is None when nothing usable was given."""

	value: T | None
	faults: tuple[Fault, ...] = field(default=())

	@property
	def ok(self) -> bool:
		"""True when no fault is an error."""
		return not any(fault.is_error for fault in self.faults)

	@property
	def error(self) -> Fault | None:
		"""The first error, or None."""
		return next(iter(errors(self.faults)), None)


def fault(field_name: str, code: str, **params: Param) -> Fault:
	"""Build an error from a message code of `messages.MESSAGES`."""
	return Fault(field_name, code, template(code), tuple(sorted(params.items())))


def warning(field_name: str, code: str, **params: Param) -> Fault:
	"""Build a warning: it is shown, but the input is accepted."""
	return replace(fault(field_name, code, **params), severity=WARNING)


def errors(found: Iterable[Fault]) -> tuple[Fault, ...]:
	"""Return those faults that stop a save."""
	return tuple(item for item in found if item.is_error)


def warnings(found: Iterable[Fault]) -> tuple[Fault, ...]:
	"""Return those faults that are only shown."""
	return tuple(item for item in found if not item.is_error)

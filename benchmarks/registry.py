"""What a benchmark is, and how its outcome is judged and shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from site_context import Site

AT_LEAST: Literal["at least"] = "at least"
AT_MOST: Literal["at most"] = "at most"


@dataclass(frozen=True)
class Outcome:
	"""One measured number with its bound; ``unit`` is ``x`` for a ratio, ``MB`` for memory."""

	what: str
	value: float
	direction: Literal["at least", "at most"]
	bound: float
	unit: str = "x"
	details: tuple[str, ...] = field(default=())

	@property
	def is_within(self) -> bool:
		"""Whether the bound is kept."""
		return self.value >= self.bound if self.direction == AT_LEAST else self.value <= self.bound

	def lines(self) -> list[str]:
		"""The number, its bound, a mark when it is over, and what stands behind it."""
		mark = "" if self.is_within else "   <-- OVER ITS BOUND"
		first = f"{self.what}: {self.value:.2f} {self.unit} (bound: {self.direction} {self.bound:g} {self.unit}){mark}"
		return [first, *(f"    {detail}" for detail in self.details)]


Benchmark = Callable[[Site], list[Outcome]]
REGISTRY: dict[str, Benchmark] = {}


def benchmark(name: str) -> Callable[[Benchmark], Benchmark]:
	"""Make a function known as the benchmark ``name``."""

	def register(function: Benchmark) -> Benchmark:
		REGISTRY[name] = function
		return function

	return register

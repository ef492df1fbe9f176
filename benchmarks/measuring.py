"""Timing: the two sides of a ratio take turns, so that a busy moment of the machine hits both."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median

__all__ = ["alternate", "median", "milliseconds", "percentile"]


def alternate(
	ours: Callable[[int], object], other: Callable[[int], object], times: int, warm_up: int
) -> tuple[list[float], list[float]]:
	"""Run both ``times`` times in turn after ``warm_up`` unmeasured turns; gives the seconds of each run.

	Each gets the number of the turn. Who goes first changes with each turn.
	"""
	seconds: tuple[list[float], list[float]] = ([], [])
	for turn in range(-warm_up, times):
		order = ((0, ours), (1, other)) if turn % 2 else ((1, other), (0, ours))
		for side, action in order:
			taken = _seconds(action, turn + warm_up)
			if turn >= 0:
				seconds[side].append(taken)
	return seconds


def _seconds(action: Callable[[int], object], turn: int) -> float:
	"""The time of one run; an action that prepares something may give back how long the part that counts took."""
	start = time.perf_counter()
	answer = action(turn)
	whole = time.perf_counter() - start
	return answer if isinstance(answer, float) else whole


def percentile(values: Sequence[float], share: float) -> float:
	"""The value that this share of all values does not exceed (nearest rank)."""
	ordered = sorted(values)
	return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]


def milliseconds(seconds: float) -> str:
	"""A time for people."""
	return f"{seconds * 1000:.1f} ms"

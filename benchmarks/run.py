"""Run the benchmarks, or those named: ``run.py [NAME ...]``. Started by ``make bench`` and ``make bench-NAME``."""

from __future__ import annotations

import sys
import time

import audit
import grading
import listing
import loading
import opening
import saving
import search
from registry import REGISTRY, Outcome
from site_context import Site

ALL = (audit, loading, search, saving, listing, opening, grading)


def main(names: list[str]) -> int:
	"""Print every outcome; gives the exit code."""
	unknown = [name for name in names if name not in REGISTRY]
	if unknown:
		print(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(REGISTRY)}", file=sys.stderr)
		return 2
	site = Site.from_environment()
	outcomes: list[Outcome] = []
	for name in names or REGISTRY:
		print(f"== {name}", flush=True)
		start = time.monotonic()
		for outcome in REGISTRY[name](site):
			outcomes.append(outcome)
			print("\n".join(outcome.lines()), flush=True)
		print(f"    (took {time.monotonic() - start:.0f} s)", flush=True)
	within = sum(outcome.is_within for outcome in outcomes)
	print(f"bench: {within} of {len(outcomes)} within bounds")
	return 0 if within == len(outcomes) else 1


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))

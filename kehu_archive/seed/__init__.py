"""Seeds: records the app needs on a site. Created once if missing; never overwritten afterwards."""

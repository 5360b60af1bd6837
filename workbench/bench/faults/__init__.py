"""`promise bench faults`: the real parts are broken at seeded moments, and everything must agree afterwards."""

"""The two gates: *arrival* judges a landed file in `raw`, *publication* judges the candidate release.

Their suites are functions of the catalogue, so a new source or indicator brings its own checks. What one model must
hold by itself (keys, contracts, logic) is dbt's to test, not ours.
"""

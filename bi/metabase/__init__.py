"""Metabase as code: a collection, its questions and its dashboards, written as YAML and provisioned over the API.

Nobody clicks a dashboard together. `specs/` says what there should be, `apply` makes it so and repairs drift, and a
second `apply` writes nothing. Figures come from `marts` only, through the warehouse's reader role.
"""

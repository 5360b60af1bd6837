"""A run of the warehouse, from what has landed to what readers see: dbt, what is written for it, releases.

It knows the ground and what ingestion loaded; it never asks who reads a release.
"""

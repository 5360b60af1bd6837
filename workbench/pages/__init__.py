"""Pages of the documentation that are made from the catalogue; a test holds each to its origin."""

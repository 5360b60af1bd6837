"""`promise bench`: how fast we are, each time beside the limit of the same machine."""

"""The public site: plain pages written from `marts`, served as files, needing no server and no script to be read."""

"""From publisher to `raw`: fetch, land by content hash, load by vintage. Nothing here knows what an indicator means."""

"""`promise new`: the files of something that people describe, with what nobody can guess left open."""

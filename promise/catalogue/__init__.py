"""What the project decided, written down as data: `framework/` and `ingestion/sources/`, read strictly.

Reading is all that happens here. What an indicator means is said in the YAML, and what is done about it is said in
the rooms that use it.
"""

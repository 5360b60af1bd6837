"""What a published text means: numbers, words that stand for a number, areas, periods, units. One home each.

Every vocabulary is a YAML under `ingestion/vocabulary/`, read strictly, with its own examples. What is not in it is an
`UnknownValue` that names itself; nothing here turns an unknown text into a null.
"""

from promise.vocabulary.errors import UnknownValue

__all__ = ["UnknownValue"]

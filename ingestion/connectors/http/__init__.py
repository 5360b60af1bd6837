"""How connectors speak HTTP: `Session` for a conversation, `download` for a file, `Made` for a file made of answers."""

from ingestion.connectors.http.download import download
from ingestion.connectors.http.made import Made
from ingestion.connectors.http.session import Answer, Session

__all__ = ["Answer", "Made", "Session", "download"]

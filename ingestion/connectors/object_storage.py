"""An inbox in a bucket, through Airflow's object storage: S3, and whatever else speaks its protocol.

`s3://<connection>@<bucket>/<folder>`. The Airflow connection has the key as its login, the secret as its password, and
in its extra the `endpoint_url` of a bucket that is not Amazon's and a `region_name`. Without a connection the address
is asked as the machine itself may (AWS_… in the environment).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from ingestion.errors import SourceChanged, SourceUnavailable

BLOCK = 8 << 20  # bytes that are read ahead; of a large file no more is in memory
SECONDS = 30  # of silence
ATTEMPTS = 3


def folder(source_id: str, address: str) -> Any:
    """The folder of the inbox, as a path. Raises SourceChanged when its connection is not known to Airflow."""
    from airflow.sdk import ObjectStoragePath
    from airflow.sdk.io import attach

    parts = urlsplit(address)
    if parts.scheme != "s3":
        return ObjectStoragePath(address)
    import s3fs

    from ingestion.connectors.bucket_session import SameHost

    connection = _connection(source_id, parts.username) if parts.username else None
    extra = connection.extra_dejson if connection else {}
    client = {name: extra[name] for name in ("endpoint_url", "region_name") if extra.get(name)}
    bucket = s3fs.S3FileSystem(
        key=connection.login if connection else None,
        secret=connection.password if connection else None,
        client_kwargs=client,
        config_kwargs={
            "connect_timeout": SECONDS,
            "read_timeout": SECONDS,
            "retries": {"max_attempts": 1},
            "http_session_cls": SameHost,
        },
        default_block_size=BLOCK,
        use_listings_cache=False,  # a file that came a minute ago is there
        skip_instance_cache=True,
    )
    bucket.retries = ATTEMPTS
    attach("s3", parts.username).fs = bucket  # where Airflow looks for it; its own would need Amazon's provider
    return ObjectStoragePath(address)


@contextlib.contextmanager
def told(source_id: str, inbox: Any) -> Iterator[None]:
    """Failures of a bucket as ours: SourceChanged where we are refused, SourceUnavailable for all that may pass."""
    from botocore.exceptions import BotoCoreError, HTTPClientError

    from ingestion.connectors.bucket_session import SentElsewhere

    try:
        yield
    except HTTPClientError as error:
        if not isinstance(error.kwargs.get("error"), SentElsewhere):
            raise _unread(source_id, inbox, error) from error
        raise SourceChanged(
            f"{source_id}: the inbox {inbox} is not where the connection says ({error.kwargs['error']}), and nothing "
            "was asked there. Correct `endpoint_url` or `region_name` in the connection's extra"
        ) from error
    except PermissionError as error:
        raise SourceChanged(
            f"{source_id}: the inbox {inbox} refuses us ({error}). Look at the connection's key and at what it may read"
        ) from error
    except (OSError, BotoCoreError) as error:
        raise _unread(source_id, inbox, error) from error


def _unread(source_id: str, inbox: Any, error: Exception) -> SourceUnavailable:
    return SourceUnavailable(
        f"{source_id}: the inbox {inbox} could not be read ({error}). Nothing to do unless it lasts: then look at "
        "the address in PROMISE_INBOX and at the connection that it names"
    )


def _connection(source_id: str, connection: str) -> Any:
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException, AirflowRuntimeError

    try:
        return Connection.get(connection)
    except (AirflowNotFoundException, AirflowRuntimeError):
        raise SourceChanged(
            f"{source_id}: PROMISE_INBOX names the Airflow connection {connection!r}, which is not there. Add it, with "
            "the bucket's key as login and its secret as password"
        ) from None

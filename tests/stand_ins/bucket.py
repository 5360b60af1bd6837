"""A bucket on loopback that speaks S3, with an inbox in it: moto's."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator

import boto3
import httpx
from moto.server import ThreadedMotoServer

SECRET = "s3cr3t/+of=the-bucket"
Put = Callable[[str, bytes], None]  # a file into the inbox, by its path there


def settings(endpoint: str) -> dict[str, str]:
    """An Airflow connection to a bucket that is not Amazon's, and the inbox in it, as variables of the environment."""
    extra = {"endpoint_url": endpoint, "region_name": "eu-west-2"}
    connection = {"conn_type": "aws", "login": "key", "password": SECRET, "extra": extra}
    return {"AIRFLOW_CONN_DROPS": json.dumps(connection), "PROMISE_INBOX": "s3://drops@returns/inbox"}


@contextlib.contextmanager
def keeping() -> Iterator[tuple[str, Put]]:
    """The bucket's endpoint, and a way to put files into it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    httpx.post(f"{endpoint}/moto-api/reset")  # what it holds belongs to the process, not to the server
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="eu-west-2",
        aws_access_key_id="key", aws_secret_access_key=SECRET,
    )  # fmt: skip
    client.create_bucket(Bucket="returns", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})

    def put(path: str, content: bytes) -> None:
        client.put_object(Bucket="returns", Key=f"inbox/{path}", Body=content)

    try:
        yield endpoint, put
    finally:
        server.stop()

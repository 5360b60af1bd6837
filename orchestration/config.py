"""Airflow's configuration, all of it in environment variables that derive from our settings.

There is no airflow.cfg: what a person would have to look up there is here, with the reason. Values that are Airflow's
own defaults are left out. Facts about Airflow are of version 3.3.2, observed in November 2026.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from orchestration import notify
from promise import database
from promise.settings import Settings, settings

USER = "admin"
HOST = "127.0.0.1"

# Nothing that we start tells anybody that it was started.
TELEMETRY_OFF = {
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "AIRFLOW__METRICS__STATSD_ON": "False",
    "AIRFLOW__METRICS__OTEL_ON": "False",
    "AIRFLOW__TRACES__OTEL_ON": "False",
    "OTEL_SDK_DISABLED": "true",
    "SCARF_NO_ANALYTICS": "true",
    "SCARF_ANALYTICS": "false",
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DBT_VERSION_CHECK": "false",
    "GX_ANALYTICS_ENABLED": "false",
}

# These say three lines a DAG every half minute, 30 MB a day, of which none was ever of use.
TALKATIVE = ("airflow.models.dag", "airflow.serialization.definitions.dag")

# A person's shell may hold another Airflow's settings, or a PYTHONPATH in which our packages mean something else.
# PYTHONDONTWRITEBYTECODE would make every child compile Airflow again: 4.3 s instead of 1.6 s for `import airflow.sdk`.
NOT_INHERITED = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONDONTWRITEBYTECODE")
NOT_INHERITED_PREFIXES = ("AIRFLOW_", "_AIRFLOW_")


@dataclass(frozen=True)
class Secrets:
    """What only this project's Airflow knows: generated once, kept in PROMISE_HOME, readable by its owner alone."""

    password: str
    jwt: str
    fernet: str
    api: str

    @classmethod
    def generate(cls) -> Secrets:
        return cls(
            password=secrets.token_urlsafe(18),
            jwt=secrets.token_urlsafe(64),  # HS512 wants 64 bytes
            fernet=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            api=secrets.token_urlsafe(32),
        )


def airflow_home(current: Settings | None = None) -> Path:
    """Where Airflow keeps its state: inside PROMISE_HOME, so that two checkouts never meet."""
    return (current or settings()).home / "airflow"


def password_file(current: Settings | None = None) -> Path:
    """The file in which Airflow's login page, and a person, find the password of the user `admin`."""
    return airflow_home(current) / "password.json"


def ensure_secrets(current: Settings | None = None) -> Secrets:
    """The secrets of this PROMISE_HOME, made the first time. Both files are readable by their owner alone."""
    home = airflow_home(current)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = home / "secrets.json"
    if kept.exists():
        found = Secrets(**json.loads(kept.read_text()))
    else:
        found = Secrets.generate()
        _write_private(kept, asdict(found))
    login = {USER: found.password}
    # Airflow opens the file for writing, so a person may have changed the password there; it is theirs to keep.
    if not password_file(current).exists():
        _write_private(password_file(current), login)
    return found


def password(current: Settings | None = None) -> str:
    """The password of the user `admin`, as Airflow would read it now."""
    known: dict[str, str] = json.loads(password_file(current).read_text())
    return known[USER]


def parallelism() -> int:
    """How many tasks run at once: a task of ours waits for the database about as often as it computes.

    At least three, because `wait_for_quiet` holds one place for half a minute while the ingests that it waits for need
    the others. Sixteen trivial tasks on two cores took 4.3 s with two places, 3.4 s with three and 2.8 s with four.
    """
    return min(max(3, (os.cpu_count() or 2) + 2), 16)


def environment(port: int, current: Settings | None = None) -> dict[str, str]:
    """The whole environment of Airflow's processes and of the tasks in them. Raises PromiseError for a PROMISE_NOTIFY
    that names nobody."""
    current = current or settings()
    own = {
        name: value
        for name, value in os.environ.items()
        if name not in NOT_INHERITED and not name.startswith(NOT_INHERITED_PREFIXES)
    }
    return (
        own
        | TELEMETRY_OFF
        | _promise(current)
        | _airflow(port, current, ensure_secrets(current))
        | notify.connections()
    )


def _promise(current: Settings) -> dict[str, str]:
    """Tasks see the settings of whoever started Airflow, also where those were defaults."""
    loopback = ",".join(filter(None, (os.environ.get("NO_PROXY"), HOST, "localhost")))
    return {
        "PROMISE_HOME": str(current.home),
        "PROMISE_MODE": current.mode,
        "NO_PROXY": loopback,
        "no_proxy": loopback,
        # Airflow appends the dags folder to the module path; the current folder stays off it.
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _airflow(port: int, current: Settings, known: Secrets) -> dict[str, str]:
    home = airflow_home(current)
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW_CONFIG": os.devnull,  # otherwise Airflow writes an airflow.cfg that looks as if it counted
        "AIRFLOW__CORE__DAGS_FOLDER": str(current.dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "orchestration.executor.WarmExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(parallelism()),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",  # the default asks the network for a name
        "AIRFLOW__CORE__FERNET_KEY": known.fernet,
        "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "5",
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(password_file(current)),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{HOST}:{port}/execution/",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database.airflow_url(),
        "AIRFLOW__DATABASE__CHECK_MIGRATIONS": "False",  # platform.start migrates; each component need not ask again
        "AIRFLOW__API__HOST": HOST,  # the default is every interface
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://{HOST}:{port}",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": known.api,
        "AIRFLOW__API_AUTH__JWT_SECRET": known.jwt,
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        "AIRFLOW__LOGGING__NAMESPACE_LEVELS": " ".join(f"{name}=WARNING" for name in TALKATIVE),
        "AIRFLOW__DAG_PROCESSOR__PRINT_STATS_INTERVAL": "3600",
        # A supervisor that misses its task's last word waits this long for the next: with 5 s, the default, two in
        # three of our tasks held their place for 5 s after they had ended.
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        # A task outlives two minutes without an api server. With a fifth of its time on one core one took 64 s to be
        # there and 7.5 s to confirm a heartbeat; the defaults are 5 s for an answer, 31 s in all.
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "30",
        "AIRFLOW__WORKERS__EXECUTION_API_RETRIES": "15",
        "AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX": "10",
        # The default of 1 s is waited for after each task of a line. With a quarter of it, a scheduler that waits for a
        # long task takes a seventh of a core from it.
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        # Tasks of a scheduler that was killed begin again half a minute later, when Airflow holds it for dead; with the
        # default of 300 s those that ran are failed before, and those that were queued wait.
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "15",
        # A task whose process is gone is noticed after two minutes, not five; with one it would be taken for gone while
        # its api server is started again on a slow machine.
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "120",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
    }


def _write_private(path: Path, content: dict[str, str]) -> None:
    """Write JSON that nobody else may read, not even for the moment between creating and closing."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
    path.chmod(0o600)

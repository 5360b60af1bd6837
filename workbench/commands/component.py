"""`promise component`: one long-running part in the foreground, for containers and service managers.

`promise up` starts the same parts as background processes of one machine; here something else keeps them alive.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import NoReturn

from orchestration import config, platform
from promise import database
from promise.settings import settings

AIRFLOW = {
    "api-server": ("api-server", "--workers", "1"),
    "scheduler": ("scheduler", "--skip-serve-logs"),  # its log server would listen on every interface
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
NAMES = ("init", *AIRFLOW, "site", "metabase")


def component(name: str) -> NoReturn:
    """Become the named part; `init` prepares the databases and ends."""
    if name == "site":
        folder = settings().site
        folder.mkdir(parents=True, exist_ok=True)
        address = ("--bind", _bind(), "--directory", str(folder))
        os.execv(
            sys.executable,
            [sys.executable, "-m", "workbench.serving", os.environ.get("PROMISE_SITE_PORT", "8000"), *address],
        )
    if name == "metabase":
        from workbench.commands.keep_metabase import keep

        keep()
    if name == "init":
        database.ensure_running()
        config.ensure_secrets()
        sys.exit(subprocess.run([*platform.AIRFLOW, "db", "migrate"], check=False, env=_environment()).returncode)
    environment = _environment()
    os.execve(sys.executable, [*platform.AIRFLOW, *AIRFLOW[name]], environment)


def _environment() -> dict[str, str]:
    """Airflow's environment as on one machine, with the addresses by which the parts find each other."""
    port = os.environ.get("PROMISE_AIRFLOW_PORT", "8080")
    inside = os.environ.get("PROMISE_AIRFLOW_INTERNAL_URL", f"http://127.0.0.1:{port}")
    outside = os.environ.get("PROMISE_AIRFLOW_PUBLIC_URL", inside)
    return config.environment(int(port)) | {
        "AIRFLOW__API__HOST": _bind(),
        "AIRFLOW__API__BASE_URL": outside,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{inside.rstrip('/')}/execution/",
    }


def _bind() -> str:
    return os.environ.get("PROMISE_BIND", config.HOST)

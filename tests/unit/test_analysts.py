"""What `promise dbt` makes of its arguments, and whose schemas a name leads to. Without dbt, without a database."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from promise.database import Parts, analysts
from warehouse.state import State
from workbench.cli import main
from workbench.commands import dbt

HERE = Parts(host="127.0.0.1", port=1, dbname="none", user="promise_analyst_ann", password="secret")


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[list[str], dict[str, str]]]:
    """What dbt was asked, and under which variables of its own. Nothing is asked."""
    asked: list[tuple[list[str], dict[str, str]]] = []
    mine = dbt.Session(
        analyst=analysts.Analyst("ann", HERE),
        state=State(release_id=7, is_the_releases=True, notes=("a note",)),
        environment={
            "DBT_TARGET": "dev",
            "DBT_DEFER": "true",
            "DBT_FAVOR_STATE": "true",
            "DBT_TARGET_PATH": str(tmp_path),
        },
    )

    def record(arguments: list[str]) -> int:
        asked.append((arguments, {name: value for name, value in dbt.os.environ.items() if name.startswith("DBT_")}))
        return 3

    monkeypatch.setattr(dbt, "session", lambda: mine)
    monkeypatch.setattr(dbt, "_dbt", record)
    monkeypatch.setattr(dbt, "_read_from", lambda _: iter(()))
    return asked


@pytest.mark.parametrize(
    "line",
    ["build --select a+ --vars {x: 1} -x", "run --select a", "ls", "--quiet parse", "docs generate", "test -h"],
)
def test_every_command_and_option_is_dbts_own_and_so_is_the_exit_code(
    ran: list[tuple[list[str], dict[str, str]]], line: str
) -> None:
    done = CliRunner().invoke(main, ["dbt", *line.split()])
    assert done.exit_code == 3
    assert [arguments for arguments, _ in ran] == [line.split()]
    assert ran[0][1]["DBT_TARGET"] == "dev"


def test_the_form_of_until_now_still_works_and_names_the_new_one(ran: list[tuple[list[str], dict[str, str]]]) -> None:
    done = CliRunner().invoke(main, ["dbt", "run", "build", "--select", "stg_lgbf__cell"])
    assert ran[0][0] == ["build", "--select", "stg_lgbf__cell"]
    assert "is now `promise dbt build --select stg_lgbf__cell`" in done.stderr
    assert done.stdout == ""


def test_help_says_ours_and_dbts(ran: list[tuple[list[str], dict[str, str]]]) -> None:
    done = CliRunner().invoke(main, ["dbt", "--help"])
    assert "promise dbt generate" in done.stdout
    assert ran[0][0] == ["--help"]


@pytest.mark.parametrize("words", ["--target prod build", "build --target=prod", "build -t prod"])
def test_what_is_nobodys_own_target_defers_to_nothing(ran: list[tuple[list[str], dict[str, str]]], words: str) -> None:
    CliRunner().invoke(main, ["dbt", *words.split()])
    assert (ran[0][1]["DBT_TARGET"], ran[0][1]["DBT_DEFER"]) == ("prod", "false")


def test_a_build_favours_the_release_and_a_test_is_of_what_was_built(
    ran: list[tuple[list[str], dict[str, str]]],
) -> None:
    for command in ("build", "test"):
        done = CliRunner().invoke(main, ["dbt", command])
        assert "a note" in done.stderr
    assert [variables["DBT_FAVOR_STATE"] for _, variables in ran] == ["true", "false"]


@pytest.mark.parametrize(
    ("name", "user"), [("ann", "ann"), ("Ann-Marie.O'Neil", "annmarieoneil"), ("svc_data2", "svcdata2")]
)
def test_a_users_part_of_a_schema_has_letters_and_digits_only(
    monkeypatch: pytest.MonkeyPatch, name: str, user: str
) -> None:
    monkeypatch.setenv("PROMISE_USER", name)
    assert analysts.plain(analysts.name_of_person()) == user


@pytest.mark.parametrize("name", ["...", "Å", "a" * 31])
def test_a_name_of_which_nothing_is_left_is_refused_with_what_to_do(name: str) -> None:
    with pytest.raises(analysts.AnalystError, match="set PROMISE_USER"):
        analysts.plain(name)

"""New is decided against the ledger, never against the disk."""

import pytest

from ingestion.pipeline import not_held


@pytest.mark.parametrize(
    ("shown", "held", "new"),
    [
        pytest.param(["a"], [], ["a"], id="the first of all"),
        pytest.param(["a", "b"], [], ["a", "b"], id="two editions at once, oldest first"),
        pytest.param(["a", "b"], ["a", "b"], [], id="nothing new"),
        pytest.param(["a", "b"], ["a"], ["b"], id="the second edition"),
        pytest.param(["a", "c"], ["a", "b"], ["c"], id="the last edition was replaced"),
        pytest.param(["a"], ["a", "b"], ["a"], id="the publisher went back to an old file"),
        pytest.param(["a", "b", "c"], ["b"], ["a", "c"], id="an older edition was found, and there is a newer one"),
        pytest.param(["a", "b"], ["b"], ["a"], id="an older edition was found"),
        pytest.param(["a", "b"], ["a", "x", "b"], [], id="an older edition is replaced by none"),
        pytest.param(["a", "b", "b"], [], ["a", "b"], id="the publisher still shows what ships"),
        pytest.param(["a", "b", "a"], ["a", "b"], ["a"], id="the publisher went back to an edition that ships"),
        pytest.param(["a", "b", "a"], ["a", "b", "a"], [], id="that is held"),
        pytest.param([], ["a"], [], id="nothing shown"),
    ],
)
def test_what_is_new(shown: list[str], held: list[str], new: list[str]) -> None:
    assert not_held(shown, held) == new

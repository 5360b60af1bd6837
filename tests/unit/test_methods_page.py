"""docs/methods.md is what the functions are described as, and describes each with its formula's source."""

from __future__ import annotations

from typing import Any

from workbench.pages import methods_page

# What is no method, but the tables of another day or a part of a method.
NOT_PUBLISHED_ELSEWHERE = {
    "observation_as_of", "progress_as_of", "critical_value", "one_of", "required_annual_change", "benchmark_among",
    "chosen_councils",
}  # fmt: skip


def test_the_page_is_up_to_date() -> None:
    assert methods_page.PAGE.read_text(encoding="utf-8") == methods_page.text(), "run: python -m workbench.pages"


def test_every_function_of_methods_is_on_the_page_with_its_source(manifest: dict[str, Any]) -> None:
    page = methods_page.text()
    made = [each for each in manifest["functions"].values() if each["fqn"][1] == "methods"]
    assert len(made) > 20
    for function in made:
        _, _, rest = page.partition(f"\n### {function['name']}\n")
        described, _, _ = rest.partition("\n### ")
        assert f"`{function['name']}(" in described
        assert ("Source: " in described) == (function["name"] not in NOT_PUBLISHED_ELSEWHERE), function["name"]

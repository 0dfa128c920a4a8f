"""`scripts/bench NAME [--quick] [--json]`: each ratio with its goal; exit code 1 where one is missed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict

import click

from tests.benchmarks import cli
from tests.benchmarks.ratios import Result

NAMES: dict[str, Callable[[bool], list[Result]]] = {"cli": cli.measure}


@click.command()
@click.argument("name", type=click.Choice([*NAMES, "all"]))
@click.option("--quick", is_flag=True, help="Fewer rounds.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def bench(name: str, quick: bool, as_json: bool) -> None:
    """Measure what the project promises in numbers."""
    wanted = NAMES.values() if name == "all" else [NAMES[name]]
    results = [result for measure in wanted for result in measure(quick)]
    if as_json:
        click.echo(json.dumps([{**asdict(r), "met": r.met} for r in results], indent=2))
    else:
        for r in results:
            told = "met" if r.met else "MISSED"
            click.echo(
                f"{r.name:36} {r.ratio:5.2f} x `{r.base}` (goal {r.at_most}, min {r.least:.2f}, max {r.most:.2f};"
                f" {r.ms:.0f} ms against {r.base_ms:.0f} ms)  {told}"
            )
    sys.exit(0 if all(r.met for r in results) else 1)


if __name__ == "__main__":
    bench(prog_name="scripts/bench")

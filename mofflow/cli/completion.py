"""`mofflow completion`: the script that lets a shell complete commands, keys, triggers and kinds."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from mofflow.cli._session import examples

_CLASSES: dict[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command(epilog=examples("mofflow completion bash", "mofflow completion fish"))
@click.argument("shell", type=click.Choice(list(_CLASSES)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    For bash, put `eval "$(mofflow completion bash)"` into ~/.bashrc; likewise for zsh. For fish, save the script as
    ~/.config/fish/completions/mofflow.fish.
    """
    made = _CLASSES[shell](ctx.find_root().command, {}, "mofflow", "_MOFFLOW_COMPLETE")
    click.echo(made.source())

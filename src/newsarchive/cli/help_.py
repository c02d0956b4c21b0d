"""The command `newsarchive help`."""

from __future__ import annotations

import click

from newsarchive.cli.topics import TOPICS


@click.command("help", short_help="Explain a topic.")
@click.argument("topic", required=False, type=click.Choice(sorted(TOPICS)))
@click.pass_context
def command(ctx: click.Context, topic: str | None) -> None:
    """Explain a topic, or list the topics."""
    if topic:
        click.echo(TOPICS[topic]())
        return
    parent = ctx.find_root()
    click.echo(parent.get_help())
    click.echo(f"\nTopics (newsarchive help TOPIC): {', '.join(sorted(TOPICS))}")

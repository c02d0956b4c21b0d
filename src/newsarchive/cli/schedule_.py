"""The command `newsarchive schedule`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newsarchive.cli.context import State, pass_state

if TYPE_CHECKING:
    from newsarchive.archive.schedule import Job


@click.command("schedule", short_help="Crawl regularly, by systemd or cron.")
@click.argument("names", nargs=-1)
@click.option("--every", metavar="INTERVAL", help="30m, 6h, 1d; the minute is spread by the archive's path.")
@click.option("--daily", metavar="HH:MM", help="Once a day, in the machine's own time zone.")
@click.option("--systemd", "kind", flag_value="systemd", default="systemd", help="A service and a timer (the default).")
@click.option("--cron", "kind", flag_value="cron", help="A line for a crontab.")
@click.option("--install", is_flag=True, help="Put it in place for this user, instead of what stood there.")
@click.option("--remove", is_flag=True, help="Take it away again.")
@pass_state
def command(
    state: State,
    names: tuple[str, ...],
    every: str | None,
    daily: str | None,
    kind: str,
    *,
    install: bool,
    remove: bool,
) -> None:
    """Print what crawls the sources NAMES, or all, regularly: units for systemd or a crontab line."""
    from newsarchive.archive import find_folder, schedule  # noqa: PLC0415 - `--help` needs none of it

    if (every is None) == (daily is None) and not (remove and not every and not daily):
        raise click.UsageError("say either --every INTERVAL or --daily HH:MM")
    if install and remove:
        raise click.UsageError("--install and --remove exclude each other")
    with state.open("rw") as archive:
        archive.require_sources(names)
    rhythm = schedule.every(every) if every else schedule.daily(daily or "00:00")
    job = schedule.job_of(find_folder(archive.folder), rhythm, names)
    if remove:
        _remove(state, job, kind)
    elif install:
        _install(state, job, kind)
    elif kind == "cron":
        click.echo(schedule.crontab_line(job), nl=False)
    else:
        for name, text in schedule.units(job).items():
            click.echo(f"# ~/.config/systemd/user/{name}\n{text}")


def _install(state: State, job: Job, kind: str) -> None:
    from newsarchive.archive import schedule  # noqa: PLC0415 - as above

    if kind == "cron":
        schedule.install_cron(job)
        state.say(f"installed in your crontab as {job.name}; `crontab -l` shows it")
        return
    for path in schedule.install_units(job):
        click.echo(path)
    state.say(f"started {job.name}.timer; `systemctl --user list-timers` shows it")
    state.say("a user's timers stop when the user logs out, unless `loginctl enable-linger` was run once")


def _remove(state: State, job: Job, kind: str) -> None:
    from newsarchive.archive import schedule  # noqa: PLC0415 - as above

    gone = schedule.remove_cron(job) if kind == "cron" else schedule.remove_units(job)
    state.say(f"removed {job.name}" if gone else f"{job.name} is not installed")

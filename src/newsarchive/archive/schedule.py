"""Crawls on a schedule: a crontab line, or a service and a timer for systemd's user manager.

The command that is scheduled takes the archive's lock itself, so an overlap costs nothing. Minutes are spread by the
archive's path: many crawlers that all start at minute 0 are what site operators complain of.

crontab: POSIX.1-2017, crontab, "Crontab file"; the `/` of steps is Vixie cron's, which every Linux and BSD has.
systemd: systemd.timer(5), systemd.service(5), systemd.exec(5), and systemd.syntax(7) for quoting.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from newsarchive.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal["systemd", "cron"]

_INTERVAL: Final = re.compile(r"(\d{1,4})\s*(m|min|h|d)", re.ASCII)
_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_MINUTES: Final = {"m": 1, "min": 1, "h": 60, "d": 1440}
_HOUR: Final = 60
_DAY: Final = 1440
_LEAST: Final = 5
"""Minutes; what is news within five is better read from a feed by one process that stays."""


@dataclass(frozen=True, slots=True)
class Every:
    """A crawl every so many minutes, from a minute that the archive's path decides."""

    minutes: int


@dataclass(frozen=True, slots=True)
class Daily:
    """A crawl a day at a time of the machine's own zone."""

    hour: int
    minute: int


Rhythm = Every | Daily


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be run, and when."""

    folder: Path
    """The archive, as an absolute path."""
    rhythm: Rhythm
    sources: tuple[str, ...] = ()
    """Sources to crawl; none is all."""

    @property
    def command(self) -> tuple[str, ...]:
        """The command, which needs no PATH and no folder to stand in."""
        return (
            sys.executable, "-P", "-m", "newsarchive", "--archive", str(self.folder), "--quiet", "crawl", *self.sources
        )  # fmt: skip

    @property
    def name(self) -> str:
        """A name of its own for each archive and choice of sources, which files and units can be called."""
        readable = re.sub(r"[^A-Za-z0-9]+", "-", self.folder.name).strip("-") or "archive"
        return f"newsarchive-{readable}-{self._digest[:8]}"

    @property
    def offset(self) -> int:
        """Minutes after the full hour, spread by the archive's path."""
        return int(self._digest, 16) % _HOUR

    @property
    def _digest(self) -> str:
        return hashlib.sha256("\0".join([str(self.folder), *self.sources]).encode()).hexdigest()


def every(text: str) -> Every:
    """An interval such as `30m`, `6h` or `1d`.

    >>> every("30m"), every("6h")
    (Every(minutes=30), Every(minutes=360))

    Raises:
        UsageError: it is none, or shorter than five minutes or longer than a week.
    """
    match = _INTERVAL.fullmatch(text.strip().lower())
    minutes = int(match[1]) * _MINUTES[match[2]] if match else 0
    if not _LEAST <= minutes <= 7 * _DAY:
        raise UsageError(f"--every {text}: no interval between 5 minutes and 7 days", tip="such as 30m, 6h, 1d")
    return Every(minutes)


def daily(text: str) -> Daily:
    """A time of day such as `03:00`.

    >>> daily("3:05")
    Daily(hour=3, minute=5)

    Raises:
        UsageError: it is none.
    """
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"--daily {text}: no time of day", tip="such as 03:00 or 21:30")
    return Daily(int(match[1]), int(match[2]))


def crontab_line(job: Job) -> str:
    """The line for a crontab, with a comment in front by which it is found again.

    Raises:
        UsageError: cron cannot say this interval; or a path holds a line break.
    """
    if any("\n" in part for part in job.command):
        raise UsageError(f"{job.folder}: a path with a line break cannot stand in a crontab", tip="rename the folder")
    # In a crontab, % is a line break unless it is escaped.
    command = shlex.join(job.command).replace("%", r"\%")
    return f"{_mark(job)}\n{_cron_times(job)} {command}\n"


def _cron_times(job: Job) -> str:
    rhythm = job.rhythm
    if isinstance(rhythm, Daily):
        return f"{rhythm.minute} {rhythm.hour} * * *"
    minutes = rhythm.minutes
    if minutes < _HOUR and _HOUR % minutes == 0:
        return f"{job.offset % minutes}-59/{minutes} * * * *"
    hours = minutes // _HOUR
    if minutes % _HOUR == 0 and hours < _DAY // _HOUR and (_DAY // _HOUR) % hours == 0:
        return f"{job.offset} {'*' if hours == 1 else f'*/{hours}'} * * *"
    if minutes == _DAY:
        return f"{job.offset} {job.offset % 24} * * *"
    raise UsageError(
        f"cron cannot run something every {minutes} minutes",
        tip="minutes that divide an hour, hours that divide a day, or 1d; --systemd takes any interval",
    )


def units(job: Job) -> dict[str, str]:
    """The service and the timer for systemd, by file name."""
    what = ", ".join(job.sources) or "all sources"
    return {
        f"{job.name}.service": (
            "[Unit]\n"
            f"Description=newsarchive: crawl {_plain(what)} of {_plain(str(job.folder))}\n"
            "Wants=network-online.target\n"
            "After=network-online.target\n\n"
            "[Service]\n"
            "Type=oneshot\n"
            f"ExecStart={' '.join(map(_quoted, job.command))}\n"
            "Nice=10\n"
            "# A crawl needs about 100 MB and each extraction worker up to 1.5 GB.\n"
            "MemoryMax=4G\n"
            "# Longer than the slowest answer, so that what is under way is stored.\n"
            "TimeoutStopSec=120\n"
            "KillSignal=SIGINT\n"
        ),
        f"{job.name}.timer": (
            "[Unit]\n"
            f"Description=newsarchive: when to crawl {_plain(what)} of {_plain(str(job.folder))}\n\n"
            "[Timer]\n"
            f"{_timer(job)}"
            "AccuracySec=1m\n\n"
            "[Install]\n"
            "WantedBy=timers.target\n"
        ),
    }


def _timer(job: Job) -> str:
    rhythm = job.rhythm
    if isinstance(rhythm, Daily):
        return f"OnCalendar=*-*-* {rhythm.hour:02}:{rhythm.minute:02}:00\nPersistent=true\nRandomizedDelaySec=5m\n"
    return f"OnActiveSec=1m\nOnUnitActiveSec={rhythm.minutes}m\nRandomizedDelaySec={max(1, rhythm.minutes // 20)}m\n"


def _quoted(argument: str) -> str:
    # Percent signs are specifiers and dollar signs variables to systemd, also in quotes.
    doubled = argument.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{doubled}"' if re.search(r"[\s\"'\\;]", argument) or not argument else doubled


def _plain(text: str) -> str:
    return " ".join(text.replace("%", "%%").split())


def _mark(job: Job) -> str:
    return f"# {job.name}"


def install_cron(job: Job) -> str:
    """Put the line into the user's crontab, in place of the one that stood there for the same job; the new crontab.

    Raises:
        UsageError: as `crontab_line`.
        ArchiveError: there is no `crontab` command, or it refused.
    """
    text = _without(_crontab("-l", missing_is_empty=True), job) + crontab_line(job)
    _crontab("-", given=text)
    return text


def remove_cron(job: Job) -> bool:
    """Take the job's line out of the user's crontab; whether there was one. Errors as in `install_cron`."""
    before = _crontab("-l", missing_is_empty=True)
    after = _without(before, job)
    if after == before:
        return False
    _crontab("-", given=after)
    return True


def _without(crontab: str, job: Job) -> str:
    lines = crontab.splitlines(keepends=True)
    kept, skip = [], 0
    for line in lines:
        if line.rstrip("\n") == _mark(job):
            skip = 2
        if skip:
            skip -= 1
        else:
            kept.append(line if line.endswith("\n") else f"{line}\n")
    return "".join(kept)


def _crontab(argument: str, *, given: str = "", missing_is_empty: bool = False) -> str:
    try:
        done = subprocess.run(["crontab", argument], input=given, capture_output=True, text=True, check=False)  # noqa: S603, S607 - the user's own
    except FileNotFoundError as error:
        raise ArchiveError("there is no `crontab` command here", tip="install cron, or use --systemd") from error
    if done.returncode == 0:
        return done.stdout
    if missing_is_empty and "no crontab" in done.stderr:
        return ""
    raise ArchiveError(f"crontab {argument}: {done.stderr.strip() or done.returncode}", tip="try `crontab -e` by hand")


def unit_folder() -> Path:
    """Where the user's own units lie (systemd.unit(5), "User Unit Search Path")."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "systemd" / "user"


def install_units(job: Job) -> tuple[Path, ...]:
    """Write the units and start the timer; the files.

    Raises:
        OSError: a file cannot be written.
        ArchiveError: systemd refused; the files are there.
    """
    folder = unit_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in units(job).items():
        temporary = folder / f".{name}.new"
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(folder / name)
    _systemctl("daemon-reload")
    _systemctl("enable", "--now", f"{job.name}.timer")
    return tuple(folder / name for name in units(job))


def remove_units(job: Job) -> bool:
    """Stop the timer and delete the units; whether there were any. Errors as in `install_units`."""
    files = [path for name in units(job) if (path := unit_folder() / name).exists()]
    if not files:
        return False
    _systemctl("disable", "--now", f"{job.name}.timer")
    for path in files:
        path.unlink()
    _systemctl("daemon-reload")
    return True


def _systemctl(*arguments: str) -> None:
    by_hand = f"run by hand: systemctl --user {shlex.join(arguments)}"
    try:
        done = subprocess.run(["systemctl", "--user", *arguments], capture_output=True, text=True, check=False)  # noqa: S603, S607 - the user's own
    except FileNotFoundError as error:
        raise ArchiveError("there is no `systemctl` here", tip=f"use --cron, or {by_hand}") from error
    if done.returncode:
        raise ArchiveError(f"systemctl --user {shlex.join(arguments)}: {done.stderr.strip()}", tip=by_hand)


def job_of(folder: Path, rhythm: Rhythm, sources: Sequence[str] = ()) -> Job:
    """The job of an archive folder, whatever it was called from."""
    return Job(folder.resolve(), rhythm, tuple(sources))

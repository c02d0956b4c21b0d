"""What `schedule` prints is what cron and systemd run, for every path and in an empty environment."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.archive import init_folder, schedule
from newsarchive.archive.schedule import Daily, Every, Job
from newsarchive.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

PATHS = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="/"), min_size=1, max_size=40)
EMPTY = {"HOME": "/", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
"""About what cron gives a command."""


def job(folder: Path | str = "/srv/hanoi", *, every: int = 30, sources: tuple[str, ...] = ()) -> Job:
    return Job(Path(folder), Every(every), sources)


def parts(line: str) -> tuple[list[str], str]:
    """The five times of a crontab line, and the command as cron hands it to the shell: an escaped % is a plain one."""
    *times, rest = line.splitlines()[1].split(" ", 5)
    return times, rest.replace(r"\%", "%")


@pytest.mark.parametrize("text", ["", "0m", "4m", "8d", "30", "m", "1.5h", "-5m", "30 s", "٣٠m"])
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no interval"):
        schedule.every(text)


@pytest.mark.parametrize("text", ["", "24:00", "3", "03:60", "3pm", "03:00:00"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no time of day"):
        schedule.daily(text)


@pytest.mark.parametrize("minutes", [5, 10, 12, 15, 20, 30])
def test_a_crontab_starts_every_so_many_minutes(minutes: int) -> None:
    times, _ = parts(schedule.crontab_line(job(every=minutes)))
    first, step = times[0].split("-59/")
    starts = list(range(int(first), 60, int(step)))
    assert times[1:] == ["*"] * 4
    assert [later - earlier for earlier, later in zip(starts, [*starts[1:], starts[0] + 60], strict=True)] == (
        [minutes] * (60 // minutes)
    )


def test_a_crontab_says_hours_days_and_a_time_of_day() -> None:
    minute = str(job().offset)
    assert parts(schedule.crontab_line(job(every=60)))[0] == [minute, "*", "*", "*", "*"]
    assert parts(schedule.crontab_line(job(every=360)))[0] == [minute, "*/6", "*", "*", "*"]
    assert parts(schedule.crontab_line(job(every=1440)))[0][0] == minute
    assert parts(schedule.crontab_line(Job(Path("/srv/a"), Daily(3, 5))))[0] == ["5", "3", "*", "*", "*"]


@pytest.mark.parametrize("minutes", [7, 45, 90, 300, 2880])
def test_an_interval_that_cron_cannot_say_is_refused_not_rounded(minutes: int) -> None:
    with pytest.raises(UsageError, match="cron cannot"):
        schedule.crontab_line(job(every=minutes))
    assert f"OnUnitActiveSec={minutes}m" in "".join(schedule.units(job(every=minutes)).values())


@given(PATHS)
def test_a_shell_reads_the_crontab_line_as_the_command_whatever_the_path(name: str) -> None:
    there = job(f"/srv/{name}")
    assert shlex.split(parts(schedule.crontab_line(there))[1]) == list(there.command)


def test_a_path_with_a_line_break_is_refused_by_cron() -> None:
    with pytest.raises(UsageError, match="line break"):
        schedule.crontab_line(job("/srv/a\nb"))


def test_archives_and_choices_of_sources_have_names_and_minutes_of_their_own() -> None:
    names = {job(f"/srv/{number}").name for number in range(50)} | {job(sources=("harbor",)).name}
    assert len(names) == 51
    assert len({job(f"/srv/{number}").offset for number in range(200)}) > 40


def test_the_printed_crontab_line_crawls_in_an_empty_environment(tmp_path: Path, command: Callable[..., Any]) -> None:
    folder = init_folder(tmp_path / "50% of it's news")
    done = command("-A", folder, "schedule", "--every", "30m", "--cron")
    assert done.code == 0
    _, line = parts(done.out)
    ran = subprocess.run(["/bin/sh", "-c", line], env=EMPTY, cwd="/", capture_output=True, text=True, check=False)
    # The archive has no sources yet: the command was found, the archive opened, and that is what it says.
    assert (ran.returncode, "no source to crawl" in ran.stderr) == (2, True), ran.stderr


def test_the_printed_service_runs_the_same_command(tmp_path: Path, command: Callable[..., Any]) -> None:
    folder = init_folder(tmp_path / '50% $HOME "news"')
    done = command("-A", folder, "schedule", "--daily", "03:00")
    line = next(line for line in done.out.splitlines() if line.startswith("ExecStart="))
    # systemd.syntax(7): quotes as in C; %% is a percent sign and $$ a dollar sign.
    argv = [part.replace("%%", "%").replace("$$", "$") for part in shlex.split(line.removeprefix("ExecStart="))]
    ran = subprocess.run(argv, env=EMPTY, cwd="/", capture_output=True, text=True, check=False)
    assert "no source to crawl" in ran.stderr
    assert "OnCalendar=*-*-* 03:00:00" in done.out


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("name", ["hanoi", '50% $HOME "news"', "Tin tức"])
def test_systemd_finds_no_fault_with_the_units(tmp_path: Path, name: str) -> None:
    for file, text in schedule.units(job(tmp_path / name, every=45)).items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    files = [str(path) for path in tmp_path.glob("newsarchive-*")]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *files], capture_output=True, text=True, check=False
    )
    assert [line for line in done.stderr.splitlines() if "newsarchive-" in line] == []


def test_a_schedule_needs_one_rhythm_and_sources_that_exist(folder: Path, command: Callable[..., Any]) -> None:
    assert command("-A", folder, "schedule").code == 2
    assert command("-A", folder, "schedule", "--every", "1h", "--daily", "03:00").code == 2
    assert command("-A", folder, "schedule", "--every", "1h", "--install", "--remove").code == 2
    unknown = command("-A", folder, "schedule", "--every", "1h", "harbr")
    assert (unknown.code, "no source is named 'harbr'" in unknown.err) == (2, True)


@pytest.fixture
def crontab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `crontab` command as POSIX describes it, on a file of the test's own: the user's must not be touched."""
    file, folder = tmp_path / "crontab.txt", tmp_path / "bin"
    folder.mkdir()
    program = folder / "crontab"
    program.write_text(
        "#!/bin/sh\n"
        f'if [ "$1" = -l ]; then\n  [ -f {file} ] || {{ echo "no crontab for user" >&2; exit 1; }}\n  cat {file}\n'
        f'elif [ "$1" = - ]; then\n  cat >{file}\nelse\n  exit 2\nfi\n',
        encoding="utf-8",
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return file


def test_installing_keeps_what_else_stands_in_the_crontab_and_replaces_itself(
    folder: Path, crontab: Path, command: Callable[..., Any]
) -> None:
    crontab.write_text("# mine\n0 5 * * * true", encoding="utf-8")  # without a last line break
    for rhythm in (("--every", "30m"), ("--daily", "03:00")):
        assert command("-A", folder, "schedule", *rhythm, "--cron", "--install").code == 0
    lines = crontab.read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["# mine", "0 5 * * * true"]
    assert len(lines) == 4
    assert lines[3].startswith("0 3 * * * ")
    assert command("-A", folder, "schedule", "--cron", "--remove").code == 0
    assert crontab.read_text(encoding="utf-8") == "# mine\n0 5 * * * true\n"
    assert "not installed" in command("-A", folder, "schedule", "--cron", "--remove").err


def test_the_first_line_of_a_user_without_a_crontab_is_installed(
    folder: Path, crontab: Path, command: Callable[..., Any]
) -> None:
    assert command("-A", folder, "schedule", "--every", "1h", "--cron", "--install").code == 0
    assert crontab.read_text(encoding="utf-8").count("\n") == 2


def test_without_cron_or_systemd_it_says_what_to_do(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with pytest.raises(ArchiveError, match="no `crontab`"):
        schedule.install_cron(job(folder))
    with pytest.raises(ArchiveError, match="no `systemctl`") as caught:
        schedule.install_units(job(folder))
    assert "systemctl --user daemon-reload" in caught.value.tip
    written = sorted(path.name for path in (tmp_path / "config" / "systemd" / "user").iterdir())
    assert written == sorted(schedule.units(job(folder)))

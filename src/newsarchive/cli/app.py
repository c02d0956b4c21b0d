"""The command group: finds a command's file when it is called, and turns errors into messages and exit codes."""

from __future__ import annotations

import errno
import importlib
import os
import sys
import traceback
from typing import Final

import click

from newsarchive.cli.context import State
from newsarchive.cli.exits import Exit
from newsarchive.errors import NewsarchiveError, QuerySyntaxError
from newsarchive.text import printable
from newsarchive.version import __version__

COMMANDS: Final = {
    "init": "Make an archive folder.",
    "sources": "The sites to crawl: add, list, test.",
    "crawl": "Fetch what is new from the sources.",
    "schedule": "Crawl regularly, by systemd or cron.",
    "recheck": "Look at articles again: add, list, remove.",
    "coverage": "Articles of each source and day, and days without a crawl.",
    "import": "Take in WARC and WACZ files and saved HTML pages.",
    "process": "Extract and index captures that wait.",
    "reextract": "Read stored articles again with what was learned since.",
    "rebuild": "Bring back records and index from the WARC files.",
    "search": "Find articles.",
    "explain": "Show how a query is understood and answered.",
    "get": "Show one article, or the bytes of its capture.",
    "versions": "List the versions of an article, and what changed in each.",
    "diff": "Show what changed between two versions.",
    "changes": "List edits, and articles that are gone.",
    "export": "Write the captures of articles to a WACZ or WARC file.",
    "evidence": "Write all about one article to a zip file that others can check.",
    "optout": "What is left out: add, list, remove.",
    "withdraw": "Remove articles for good, with a log of it.",
    "rejected": "List captures that are no articles, and why.",
    "status": "How the archive stands.",
    "cdxj": "Write one CDXJ index of all captures, for replay tools.",
    "verify": "Read everything again and list what is damaged.",
    "backup": "Copy the archive, also while a crawl runs.",
    "extract": "Extract one page, without an archive.",
    "sample": "Serve the sample newsroom on this machine.",
    "help": "Explain a topic: query, dates, formats, exit-codes, settings, environment.",
}
"""Name and summary of every command. The summary stands here so that `--help` loads no command's file."""


_FULL: Final = "make room there and run the command again: what was stored is whole, and nothing is stored twice"
_FORBIDDEN: Final = "see that you may write there"
_TIPS: Final = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EROFS: _FORBIDDEN,
    errno.EIO: "the disk may be failing: copy the archive elsewhere, then run `newsarchive verify` on the copy",
}
"""What to do where the system refused a file, by its error number."""


class LazyGroup(click.Group):
    """Loads `cli/NAME.py` when the command is called: start-up is the first thing a user feels."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All commands, in the order of a first session."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """The command in `cli/NAME.py`; `import` is a keyword of Python, so files end with an underscore."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"newsarchive.cli.{cmd_name}_").command
        if not isinstance(command, click.Command):
            raise TypeError(f"newsarchive.cli.{cmd_name}_ holds no click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """The list of commands, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, with a suggestion for a misspelt command."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib  # noqa: PLC0415 - only on the way to an error

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            if not near:
                raise
            raise click.UsageError(f"{error.message} Did you mean {near[0]!r}?", ctx=ctx) from error


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="First steps: newsarchive init DIR; newsarchive -A DIR sources add URL; newsarchive -A DIR crawl.",
)
@click.version_option(__version__, prog_name="newsarchive")
@click.option("-A", "--archive", metavar="DIR", help="The archive folder. [env: NEWSARCHIVE_DIR; else found upwards]")
@click.option("-v", "--verbose", count=True, help="Say more; -vv shows tracebacks.")
@click.option(
    "-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors; of a crawl that went well nothing."
)
@click.pass_context
def group(ctx: click.Context, archive: str | None, verbose: int, *, quiet: bool) -> None:
    """A permanent, searchable, citable archive of news sites on your own disk."""
    ctx.obj = State(archive=archive, verbose=verbose, quiet=quiet)


def main() -> None:
    """Run the command line and leave with its exit code."""
    # No command multiplies matrices, and the threads that NumPy's library for it starts spin for a while: half of the
    # CPU time of importing NumPy (190 to 105 ms).
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; its exit code."""
    try:
        outcome = group.main(arguments, prog_name="newsarchive", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return Exit.USAGE if isinstance(error, click.UsageError) else Exit.FAILURE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; nothing is lost, the next run goes on", err=True)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output left (`| head`): that is no failure. Python must not flush to it again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except NewsarchiveError as error:
        _show(error, traced="-vv" in arguments)
        return error.exit_code
    except OSError as error:
        _say_error(f"{error.filename or ''}{': ' if error.filename else ''}{error.strerror or error}")
        if tip := _TIPS.get(error.errno or 0):
            click.echo(f"tip: {tip}", err=True)
        return Exit.FAILURE
    return outcome if isinstance(outcome, int) else Exit.OK


def _show(error: NewsarchiveError, *, traced: bool) -> None:
    _say_error(error.message)
    if isinstance(error, QuerySyntaxError):
        click.echo("\n".join(f"  {line}" for line in printable(error.caret()).splitlines()), err=True)
    if error.tip:
        click.echo(printable(f"tip: {error.tip}"), err=True)
    if traced:
        traceback.print_exception(error)


def _say_error(message: str) -> None:
    click.secho("error: ", fg="red", nl=False, err=True)
    click.echo(printable(message), err=True)

"""The command line: every front door of happycall that is a word after `happycall`.

Each command is a thin call of a plain function; they stand in `cli_ask`, `cli_load` and `cli_run`.
What a person can put right is said in one sentence on stderr with status 2; heavy libraries are
imported by the command that needs them.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException

from models.errors import HappycallError
from pipelines import cli_ask, cli_load, cli_run

INTERRUPTED = 130  # the status of who was told to stop by the keyboard
COMMANDS = (  # in the order in which they are told
    cli_load.load,
    cli_load.nightly,
    cli_ask.ask,
    cli_ask.explain,
    cli_ask.drill,
    cli_ask.diff,
    cli_ask.status,
    cli_ask.advise,
    cli_ask.access,
    cli_ask.quarantine,
    cli_load.replay,
    cli_load.undo,
    cli_run.simulate,
    cli_run.serve,
    cli_run.worker,
    cli_run.feed,
    cli_run.up,
)

app = typer.Typer(
    name="happycall",
    help="A satisfaction index for every business site, each number proved.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
for _command in COMMANDS:
    app.command()(_command)


def main() -> None:
    """The entry point: run the command and leave with its status."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; errors become one sentence on stderr and a status, never a traceback."""
    try:
        status = app(list(arguments) or ["--help"], standalone_mode=False) or 0
        return _fail("interrupted", status) if status == INTERRUPTED else status
    except TyperException as error:
        return _fail(
            f"{error.format_message().rstrip('.')}; happycall --help tells what there is", 2
        )
    except HappycallError as error:
        return _fail(str(error), 2)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115  (whoever read has gone)
            return 141
        return _fail(f"{error.filename or 'happycall'}: {error.strerror or error}", 2)
    except (KeyboardInterrupt, typer.Abort):
        return _fail("interrupted", INTERRUPTED)
    except Exception as error:  # noqa: BLE001  (the last door: a sentence, and a way to see more)
        if str(error) == "Query interrupted":  # so DuckDB says it
            return _fail("interrupted", INTERRUPTED)
        if os.environ.get("HAPPYCALL_TRACEBACK"):
            traceback.print_exc()
        kind = type(error).__name__
        return _fail(f"{kind}: {error} (HAPPYCALL_TRACEBACK=1 shows where; please report it)", 1)


def _fail(sentence: str, status: int) -> int:
    print(f"happycall: {sentence}", file=sys.stderr)
    return status


if __name__ == "__main__":
    main()

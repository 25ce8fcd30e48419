"""The command line of tabletop."""

import argparse
import io
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import ExitStack, redirect_stdout
from importlib.resources import files
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

import plugbay
from tabletop import hooks, plugins
from tabletop.tables import Table, TableError, read_csv

_Made = TypeVar("_Made")
Step = tuple[str, dict[str, str]]  # the name of a transform, and its options


class CommandError(Exception):
    """The command cannot be carried out, for the reason in the message."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command and return its exit code."""
    options = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A document leaves as its exporter wrote it, on every platform.
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    try:
        with warnings.catch_warnings():
            # What plugbay warns of is told in one line, or by `tabletop plugins` in full.
            warnings.simplefilter("ignore", plugbay.PluginWarning)
            code: int = options.command(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has gone; Python must not find out again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except (CommandError, TableError, plugbay.PlugbayError) as error:
        _complain(str(error))
        return 2
    except OSError as error:
        _complain(f"{error.filename or 'standard output'}: {error.strerror}")
        return 2
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tabletop", description="Transform and export a table.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    formats = commands.add_parser("formats", help="list the formats a table can be exported to")
    formats.set_defaults(command=_formats)

    convert = commands.add_parser("convert", help="transform a table and export it")
    convert.add_argument("file", metavar="FILE", help="a CSV file, or the name of a bundled one")
    convert.add_argument("--to", metavar="FORMAT", help="unless the name of the output tells it")
    convert.add_argument(
        "--transform",
        metavar="NAME[:key=value,...]",
        action="append",
        default=[],
        help="may be repeated; applied in the order given",
    )
    convert.add_argument(
        "--untrusted",
        metavar="NAME",
        action="append",
        default=[],
        help="run this transform in a process of its own, with limits; may be repeated",
    )
    convert.add_argument(
        "--limit", metavar="SECONDS", type=float, default=10.0, help="of an untrusted transform"
    )
    convert.add_argument(
        "--plugin-dir", metavar="DIR", type=Path, help="a folder with more transforms, in files"
    )
    convert.add_argument(
        "--watch",
        action="store_true",
        help="export again whenever a transform is saved, until interrupted",
    )
    convert.add_argument("--config", metavar="FILE", type=Path, help="a TOML file for plugins")
    convert.add_argument("--output", metavar="FILE", type=Path, help="instead of standard output")
    convert.add_argument(
        "--describe", action="store_true", help="tell about the table on standard error"
    )
    convert.set_defaults(command=_convert)

    validate = commands.add_parser("validate", help="check the values of one column")
    validate.add_argument("file", metavar="FILE", help="a CSV file, or the name of a bundled one")
    validate.add_argument("--column", metavar="NAME", required=True)
    validate.add_argument("--as", dest="validator", metavar="VALIDATOR", required=True)
    validate.set_defaults(command=_validate)

    listing = commands.add_parser("plugins", help="list the plugins, with the reason of a refusal")
    listing.set_defaults(command=_plugins)
    return parser


def _formats(options: argparse.Namespace) -> int:
    for name in _usable(plugins.exporters()):
        print(name)
    return 0


def _convert(options: argparse.Namespace) -> int:
    _usable(plugins.answering_hooks())
    exporter = _exporter(options.to, options.output)
    table = _prepared(_read(options.file))
    steps = [_step(text) for text in options.transform]
    host = _host(options) if steps else None

    def export() -> None:
        transformed = table if host is None else _transformed(table, steps, host, options)
        if options.describe:
            _describe(transformed)
        text = _answer(exporter, lambda: _usable(plugins.exporters())[exporter](transformed))
        if options.output is None:
            sys.stdout.write(text)
            sys.stdout.flush()
        else:
            options.output.write_bytes(text.encode())

    if not options.watch:
        export()
        return 0
    if host is None:
        raise CommandError("--watch: there is no --transform to watch")
    return _watch(host, export)


def _host(options: argparse.Namespace) -> plugbay.Host:
    """The host of the transforms; that some of them cannot be used is told."""
    host, folder = plugins.application(options.config), options.plugin_dir
    refused = [each for each in host.components if each.state == "refused"]
    if refused:
        _complain(f"{len(refused)} tabletop.transforms cannot be used; `tabletop plugins` says why")
    if folder is not None:
        group, pattern = "tabletop.transforms", "*_transform.py"
        for problem in host.add_directory(folder, group=group, pattern=pattern):
            _complain(str(problem))
        for each in host.components:
            if each.state == "refused" and each not in refused:
                _complain(f"{each.plugin} is refused: {each.reason}")
    return host


def _watch(host: plugbay.Host, export: Callable[[], None]) -> int:
    """Export, and again whenever a transform is another one; 0 when interrupted."""
    changes: SimpleQueue[plugbay.Change] = SimpleQueue()
    try:
        # The files are few, so looking at them needs no more than plugbay itself.
        with host.watch(changes.put, polling=True):
            _export_or_complain(export)
            _complain("watching the transforms; interrupt to end")
            while True:
                change = changes.get()
                _complain(str(change))
                if not change.problem:
                    _export_or_complain(export)
    except KeyboardInterrupt:
        return 0


def _export_or_complain(export: Callable[[], None]) -> None:
    try:
        export()
    except (CommandError, TableError, plugbay.PlugbayError) as error:
        _complain(str(error))


def _exporter(name: str | None, output: Path | None) -> str:
    """The exporter that is named, or else the one that plugins choose for the output."""
    if name is not None:
        return name
    if output is None:
        raise CommandError("name a format with --to, or a file with --output")
    chosen = _called(lambda: hooks.choose_exporter(output.name))
    if chosen is None:
        raise CommandError(f"no plugin knows the format of {output.name}; name one with --to")
    return chosen


def _prepared(table: Table) -> Table:
    """The table as plugins prepare it for the transforms."""
    prepared = _called(lambda: hooks.prepare_rows(table))
    if not isinstance(prepared, Table):
        raise CommandError(
            f"a plugin gave {prepared!r} instead of a table in the hook 'prepare_rows'; "
            f"`plugbay hooks tabletop.plugins` lists those that answer it"
        )
    return prepared


def _describe(table: Table) -> None:
    lines = _called(lambda: hooks.describe(table))
    for line in lines:
        print(line, file=sys.stderr)
    if not lines:
        _complain("no plugin describes the table")


def _validate(options: argparse.Namespace) -> int:
    cells = _read(options.file).column(options.column)
    present = [str(cell) for cell in cells if cell is not None]
    name = options.validator
    valid = _answer(name, lambda: sum(map(_usable(plugins.validators())[name], present)))
    invalid = len(present) - valid
    print(f"{valid} valid, {invalid} invalid, {len(cells) - len(present)} missing")
    return 1 if invalid else 0


def _plugins(options: argparse.Namespace) -> int:
    groups: list[plugbay.Group[Any]]
    groups = [plugins.exporters(), plugins.validators(), plugins.transforms()]
    hooked = plugins.answering_hooks()
    if hooked.plugins or hooked.refused:
        groups.append(hooked)
    for group in groups:
        print(group.name)
        refused = group.refused.values()
        for plugin in (*group.plugins.values(), *refused, *group.shadowed):
            release = f"{plugin.distribution.name} {plugin.distribution.version}"
            print(f"  {plugin.name:<18} {release:<32} {plugin.state}")
            for note in filter(None, (plugin.reason, plugin.remedy)):
                print(f"      {note}")
        for problem in group.problems:
            print(f"  {problem}")
    return 0


def _read(file: str) -> Table:
    """The table at a path, or else the bundled table of that name."""
    path = Path(file)
    bundled = files("tabletop") / "data" / path.name
    if not path.exists() and file == path.name and bundled.is_file():
        return read_csv(bundled)
    return read_csv(path)


def _transformed(
    table: Table, steps: list[Step], host: plugbay.Host, options: argparse.Namespace
) -> Table:
    """The table after the transforms that are asked for, in the order in which they are."""
    _check_untrusted(options.untrusted, steps)
    with (
        redirect_stdout(sys.stderr),
        plugins.untrusted(options.limit) as process,
        ExitStack() as stack,
    ):
        pipeline = host.pipeline(
            "tabletop.transforms",
            steps,
            rows=lambda table: len(table.rows) if isinstance(table, Table) else None,
            sandbox=lambda each: process if each.name in options.untrusted else None,
        )
        stack.callback(host.stop)
        host.start(only={name for name, _ in steps} - set(options.untrusted))
        try:
            transformed = pipeline.run(table).value
        except plugbay.PipelineError as error:
            raise CommandError(_why(error)) from error
    if not isinstance(transformed, Table):
        raise CommandError(f"{steps[-1][0]} gave {transformed!r} instead of a table")
    return transformed


def _step(text: str) -> Step:
    """The name and the options of a step, written ``NAME`` or ``NAME:key=value,key=value``."""
    name, _, rest = text.partition(":")
    pairs = [option.partition("=") for option in rest.split(",")] if rest else []
    for key, equals, _ in pairs:
        if not key or not equals:
            raise CommandError(f"--transform {text}: options are written key=value,key=value")
    return name, {key: value for key, _, value in pairs}


def _check_untrusted(names: list[str], steps: list[Step]) -> None:
    for name in names:
        if name not in dict(steps):
            raise CommandError(f"--untrusted {name}: there is no --transform {name}")


def _why(error: plugbay.PipelineError) -> str:
    """Why a transform failed; that its options do not fit the table is told in its own words."""
    cause = error.__cause__
    if isinstance(cause, TableError):
        return str(cause)
    if isinstance(cause, plugbay.SandboxedError):
        if cause.type == "TableError":
            return cause.message
        kind = "" if cause.type == "ValueError" else f" failed: {cause.type}"
        return f"{error.plugin}{kind}: {cause.message}"
    if isinstance(cause, plugbay.SandboxError):
        return f"{error.plugin} was given up: {cause}"
    if isinstance(cause, ValueError):
        return f"{error.plugin}: {cause}"
    return f"{error.plugin} failed: {type(cause).__name__}: {cause}"


def _answer(name: str, ask: Callable[[], _Made]) -> _Made:
    """What a plugin answers; CommandError when it fails, whatever it raises.

    Standard output belongs to the document, so what a plugin prints goes to standard error.
    """
    try:
        with redirect_stdout(sys.stderr):
            return ask()
    except (plugbay.PlugbayError, TableError):
        raise
    except ValueError as error:
        raise CommandError(f"{name}: {error}") from error
    except Exception as error:
        raise CommandError(f"{name} failed: {type(error).__name__}: {error}") from error


def _called(call: Callable[[], _Made]) -> _Made:
    """What the call of a hook gives; CommandError, which names the plugin, when one fails.

    That a plugin is left out or skipped is a line on standard error, where what it prints goes too.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", plugbay.PluginWarning)
        try:
            with redirect_stdout(sys.stderr):
                return call()
        except plugbay.PlugbayError:
            raise
        except (Exception, SystemExit) as error:
            # Who raised it is in a note that plugbay adds.
            told = [f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())]
            raise CommandError("; ".join(told)) from error
        finally:
            for each in caught:
                _complain(str(each.message))


def _usable(group: plugbay.Group[_Made]) -> plugbay.Group[_Made]:
    """The group; that some of its plugins cannot be used is one line on standard error."""
    missing = len(group.refused) + len(group.shadowed)
    if missing:
        _complain(f"{missing} {group.name} cannot be used; `tabletop plugins` says why")
    return group


def _complain(message: str) -> None:
    print("tabletop:", " ".join(message.split()), file=sys.stderr)

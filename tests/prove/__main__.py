"""Prove it long: many steps of the state machine and many kills, on both databases, resumable, one table in the end."""

import json
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.prove.chunks import Chunk, planned, version
from tests.prove.kept import Kept, Result
from tests.prove.table import counted, spotless, table
from tests.prove.worker import work
from tests.world.process import ROOT

_WORKERS = 2
_WIDTH = 120
_FAILED = 1


def main(
    steps: Annotated[int, typer.Option(min=0, help="Steps of the state machine, over both engines.")] = 100_000,
    kills: Annotated[int, typer.Option(min=0, help="Processes to kill, over both engines.")] = 1000,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew instead of going on.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for pipes.")] = False,
    replay: Annotated[str | None, typer.Option(metavar="KIND:ENGINE:SEED:SIZE", help="Run one chunk alone.")] = None,
    folder: Annotated[Path, typer.Option(help="Where results are kept.")] = ROOT / "var" / "prove",
) -> None:
    """Run what is not done yet, and say what all of it came to."""
    kept = Kept(folder / "runs.jsonl", version())
    if fresh:
        kept.forget()
    chunks = [_read(replay)] if replay else planned(steps, kills)
    done = {} if replay else {chunk: result for chunk, result in kept.done().items() if chunk in chunks}
    results = [*done.values()]
    for result in _shown([chunk for chunk in chunks if chunk not in done], len(chunks), quiet=as_json):
        results.append(result)
        if not replay:
            kept.add(result)
    if not _reported(results, as_json=as_json):
        raise typer.Exit(_FAILED)


def _read(replay: str) -> Chunk:
    kind, engine, seed, size = replay.split(":")
    return Chunk(kind, engine, int(seed), int(size))


def _shown(chunks: list[Chunk], total: int, *, quiet: bool) -> Iterator[Result]:
    """Run chunks, with a bar that counts those of earlier runs as done."""
    bar = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    columns = (TextColumn("{task.description}"), *bar)
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
        task = progress.add_task("proving", total=total, completed=total - len(chunks))
        for result in _run(chunks):
            progress.advance(task)
            if result.failed is not None:
                progress.console.print(f"failed: {result.chunk.command}", highlight=False)
            yield result


def _run(chunks: list[Chunk]) -> Iterator[Result]:
    # Not forked: a worker opens servers and loops of its own.
    context = multiprocessing.get_context("spawn")
    jobs, results = context.Queue(), context.Queue()
    number = min(_WORKERS, len(chunks))
    for chunk in [*chunks, *[None] * number]:
        jobs.put(chunk)
    with ExitStack() as stack:
        workers = [context.Process(target=work, args=(jobs, results)) for _ in range(number)]
        for worker in workers:
            worker.start()
            stack.callback(worker.join)
        for _ in chunks:
            while results.empty() and any(worker.is_alive() for worker in workers):
                time.sleep(0.05)
            if results.empty():
                raise typer.Exit(_FAILED)  # what ended the workers stands above
            yield results.get()


def _reported(results: list[Result], *, as_json: bool) -> bool:
    """Print the table and whatever failed; tell whether all is well."""
    sums = counted(results)
    failed = [result for result in results if result.failed is not None]
    minutes = sum(result.seconds for result in results) / 60
    if as_json:
        failures = [{"command": result.chunk.command, "what": result.failed} for result in failed]
        print(json.dumps({"sums": {name: tally.to_json() for name, tally in sums.items()}, "failed": failures}))
    else:
        console = Console()
        console.width = max(console.width, _WIDTH)  # also in a pipe, every word is to be read
        console.print(table(sums))
        console.print(f"{len(results)} parts, {minutes:.0f} minutes of work, version {version()}", highlight=False)
        for result in failed:
            console.print(f"\n[red]failed[/]: {result.chunk.command}", highlight=False)
            console.print(result.failed, markup=False, highlight=False)
    return spotless(sums) and not failed


if __name__ == "__main__":
    typer.run(main)

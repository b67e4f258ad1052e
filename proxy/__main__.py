"""The command line: serve, worker, migrate, check, reconcile, redemptions, ledger, privacy, openapi, sandbox, demo."""

import asyncio
import json
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table
from sqlalchemy.exc import OperationalError

from proxy.app import SchemaMismatchError, bounds, check_connections, looking, real_world, running, web_app
from proxy.commands.ledger import export
from proxy.commands.privacy import privacy
from proxy.commands.reconcile import reconcile
from proxy.commands.review import list_review, resolve
from proxy.domain.errors import ProxyError
from proxy.domain.ids import parse_redemption
from proxy.domain.redemption import JournalEntry, Redemption, State, iso
from proxy.settings import BadSettingsError, Settings, load_settings
from proxy.telemetry import LogAndMetrics
from proxy.web.connection import connections
from proxy.web.openapi import document

# A fault is shown as Python shows it: boxes around source lines drown a container's log.
cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
redemptions = typer.Typer(no_args_is_help=True, help="Look at the ledger, and decide what waits for a person.")
cli.add_typer(redemptions, name="redemptions")
ledger = typer.Typer(no_args_is_help=True, help="The journal of every move, for those who check it.")
cli.add_typer(ledger, name="ledger")
cli.add_typer(privacy, name="privacy")
cli.command("reconcile")(reconcile)
ledger.command("export")(export)
redemptions.command("review")(list_review)
redemptions.command("resolve")(resolve)

Json = Annotated[bool, typer.Option("--json", help="Write JSON, for pipes.")]
_BAD_SETTINGS, _FAILED = 2, 1
_SQLITE = "sqlite:///"


def main() -> None:
    """Run the command line."""
    try:
        cli()
    except BadSettingsError as error:
        _stop(str(error), _BAD_SETTINGS)
    except (SchemaMismatchError, ProxyError) as error:
        _stop(str(error), _FAILED)


@cli.command()
def serve() -> None:
    """Serve HTTP and, unless PROXY_WORKER_IN_SERVE=false, do the durable work too."""
    settings = load_settings()
    telemetry = LogAndMetrics(level=settings.log_level)
    # Asked here already: from inside of uvicorn's start the one line that matters would end a long trace.
    _run(_look(settings))
    config = uvicorn.Config(
        web_app(settings, telemetry, real_world()),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=connections(bounds(settings), telemetry),
        ws="none",
        # One line a request costs half of what a warm read costs; slow and failed ones are logged by the edge.
        access_log=False,
        log_level="warning",
        # Longer than balancers keep an idle connection: closed by us, the next request on it would be lost.
        timeout_keep_alive=75,
        proxy_headers=False,  # nothing here depends on the client's address
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=int(settings.drain_s),
    )
    server = uvicorn.Server(config)
    _stop_as_asked()  # when it has drained, uvicorn raises the signal anew
    server.run()
    if not server.started:
        _stop("The service did not start; the lines above say why.", _FAILED)


@cli.command()
def worker() -> None:
    """Do the durable work: settle orders, end redemptions. Run as many as you like."""
    settings = load_settings()
    _stop_as_asked()
    _run(_work(settings, LogAndMetrics(level=settings.log_level)))


@cli.command()
def migrate() -> None:
    """Bring the database to this release's schema."""
    from proxy.stores.migrate import NewerSchemaError  # noqa: PLC0415  Alembic is a command's alone
    from proxy.stores.migrate import migrate as apply  # noqa: PLC0415

    url = load_settings().database_url
    if url.startswith(_SQLITE):
        Path(url.removeprefix(_SQLITE)).parent.mkdir(parents=True, exist_ok=True)
    try:
        apply(url)
    except OperationalError as error:
        _stop(f"The database cannot be opened: {str(error.orig).splitlines()[0]}", _FAILED)
    except NewerSchemaError as error:
        _stop(str(error), _FAILED)
    Console().print("The database is up to date.")


@cli.command()
def check(as_json: Json = False) -> None:
    """Ask database, Shopify and Omneo whether they would work with these settings."""
    settings = load_settings()
    results = _run(check_connections(settings, LogAndMetrics(level="error")))
    if as_json:
        print(json.dumps(results))  # noqa: T201
    else:
        table = Table("what", "result")
        for name, result in results.items():
            table.add_row(name, "[green]ok[/]" if result == "ok" else f"[red]{result}[/]")
        Console().print(table)
    if any(result != "ok" for result in results.values()):
        raise typer.Exit(_FAILED)


@redemptions.command("list")
def list_redemptions(
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    as_json: Json = False,
) -> None:
    """List the newest redemptions."""

    async def read() -> tuple[Redemption, ...]:
        async with looking(load_settings()) as ledger:
            return await ledger.latest(limit, state)

    found = _run(read())
    if as_json:
        print(json.dumps([_plain(redemption) for redemption in found]))  # noqa: T201
        return
    # The id is what the next command needs, so it is the one thing that a narrow terminal must not cut.
    table = Table(Column("redemption", no_wrap=True), "state", "amount", "captured", "order", "changed", box=SIMPLE)
    several = len({r.shop for r in found}) > 1
    if several:
        table.add_column("shop")
    for r in found:
        shop = [r.shop] if several else []
        table.add_row(r.id, r.state, str(r.amount), str(r.captured), r.order, iso(r.updated_ms), *shop)
    Console().print(table)


@redemptions.command("show")
def show_redemption(redemption_id: Annotated[str, typer.Argument(metavar="ID")], as_json: Json = False) -> None:
    """Show one redemption and every move that it made."""
    wanted = parse_redemption(redemption_id)

    async def read() -> tuple[Redemption | None, tuple[JournalEntry, ...]]:
        async with looking(load_settings()) as ledger:
            return await ledger.get(wanted), await ledger.journal(wanted)

    found, journal = _run(read())
    if found is None:
        _stop(f"There is no redemption {wanted}.", _FAILED)
        return
    moves = [
        {"at": iso(e.at_ms), "state": e.state, "note": e.note, "actor": e.actor, "facts": e.facts} for e in journal
    ]
    if as_json:
        print(json.dumps({**_plain(found), "journal": moves}))  # noqa: T201
        return
    console = Console()
    facts = Table(show_header=False, box=None)
    for name, value in _plain(found).items():
        if value is not None:
            facts.add_row(name, str(value))
    console.print(facts)
    table = Table("at", "state", "why", "who", "facts")
    for move in moves:
        told = (str(move[name]) for name in ("at", "state", "note", "actor"))
        table.add_row(*told, json.dumps(move["facts"]))
    console.print(table)


@cli.command()
def openapi() -> None:
    """Write the contract of `/v1` as `GET /openapi.json` answers it, to generate a client from; needs no settings."""
    print(json.dumps(document(), indent=2, ensure_ascii=False))  # noqa: T201


@cli.command()
def sandbox(
    omneo_port: int = 8401,
    shopify_port: int = 8402,
    proxy_url: Annotated[str, typer.Option(help="Where webhooks and app-proxy calls go.")] = "http://127.0.0.1:8400",
    print_env: Annotated[bool, typer.Option(help="Print the environment for `proxy serve` and stop.")] = False,
) -> None:
    """Run the Omneo and Shopify simulators on loopback, to test an integration against."""
    from proxy.sandbox.run import environment, run_sandboxes  # noqa: PLC0415  the server never loads the simulators

    if print_env:
        for name, value in environment(omneo_port, shopify_port).items():
            print(f"export {name}='{value}'")  # noqa: T201
        return
    _run(run_sandboxes(omneo_port, shopify_port, proxy_url))


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="The shop page; the other three take the ports before it.")] = 8403,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Run both simulators, the proxy and a small shop page, and print the page's address."""
    from proxy.sandbox.run import run_demo  # noqa: PLC0415  the server never loads the simulators

    _run(run_demo(port, open_browser=open_browser))


async def _look(settings: Settings) -> None:
    async with looking(settings):
        pass


async def _work(settings: Settings, telemetry: LogAndMetrics) -> None:
    async with running(settings, telemetry, real_world()) as parts:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, parts.stop)
        await parts.work()


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _plain(r: Redemption) -> dict[str, object]:
    return {
        "id": r.id,
        "state": r.state,
        "reason": r.reason,
        "shop": r.shop,
        "customer": r.customer,
        "profile": r.profile,
        "surface": r.place.surface,
        "location": r.place.location,
        "staff": r.place.staff,
        "amount": str(r.amount),
        "held": str(r.held),
        "captured": str(r.captured),
        "shortfall": str(r.shortfall) if r.shortfall else None,
        "code": f"…{r.code[-4:]}",
        "order": r.order,
        "parent": r.parent,
        "created": iso(r.created_ms),
        "expires": iso(r.ends_ms),
    }


def _stop_as_asked() -> None:
    """Make SIGTERM a success: to have stopped as asked is no failure."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))


def _stop(message: str, status: int) -> None:
    print(message, file=sys.stderr)  # noqa: T201
    sys.exit(status)


if __name__ == "__main__":
    main()

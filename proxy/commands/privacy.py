"""`proxy privacy`: what customers ask about their data, what is kept of one, and that it was answered."""

import asyncio
import json
import sys
from collections.abc import Coroutine
from typing import Annotated, Any, NoReturn

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table
from sqlalchemy.exc import SQLAlchemyError

from proxy.app import SchemaMismatchError, answering, real_world
from proxy.commands.operator import operator
from proxy.commands.output import STDOUT, opened
from proxy.domain.errors import ProxyError
from proxy.domain.ids import CustomerId, ShopDomain, parse_customer, parse_shop
from proxy.domain.privacy import PrivacyRequest
from proxy.domain.redemption import iso
from proxy.settings import load_settings

_FAILED = 1

privacy = typer.Typer(no_args_is_help=True, help="Answer customers who ask about their data.")

Json = Annotated[bool, typer.Option("--json", help="Write JSON, for pipes.")]
Open = Annotated[bool, typer.Option("--open", help="Only what is still to be done.")]
Request = Annotated[int | None, typer.Option("--request", metavar="ID", help="Of whoever asked in this request.")]
Shop = Annotated[str | None, typer.Option(help="With --customer, of a customer who asked in another way.")]
Customer = Annotated[str | None, typer.Option(metavar="N", help="Shopify's customer id.")]
Output = Annotated[str, typer.Option("--output", metavar="FILE|-", help="Where to; standard output unless told.")]


@privacy.command("list")
def list_requests(open_only: Open = False, as_json: Json = False) -> None:
    """List requests, the oldest first, with the day by which each has to be done."""

    async def read() -> tuple[PrivacyRequest, ...]:
        async with answering(load_settings(), real_world()) as answers:
            return await answers.requests.latest(open_only=open_only)

    found = [_plain(request) for request in _run(read())]
    if as_json:
        print(json.dumps(found))  # noqa: T201
        return
    table = Table(Column("request", no_wrap=True), "kind", "shop", "customer", "received", "due", "done", box=SIMPLE)
    for row in found:
        done = f"{row['done']} by {row['done_by']}" if row["done"] else "[red]open[/]"
        told = (str(row[name] or "") for name in ("request", "kind", "shop", "customer", "received", "due"))
        table.add_row(*told, done)
    Console().print(table)


@privacy.command("export")
def export_customer(
    request: Request = None, shop: Shop = None, customer: Customer = None, output: Output = STDOUT
) -> None:
    """Write everything that is kept of one customer as JSON; a file appears when it is whole, for its owner alone."""
    if (request is None) == (shop is None and customer is None) or (shop is None) != (customer is None):
        raise typer.BadParameter("say either --request, or --shop and --customer")
    named = (parse_shop(shop), parse_customer(customer)) if shop is not None and customer is not None else None

    async def write() -> None:
        async with answering(load_settings(), real_world()) as answers:
            who = named or _who(request, await answers.requests.get(request or 0))
            kept = await answers.dossiers.of(*who)
        with opened(output) as out:
            out.write(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")

    _run(write())


@privacy.command("done")
def end_request(request: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """Note that a request was answered, by you and now. Redactions end by themselves."""

    async def end() -> bool:
        async with answering(load_settings(), real_world()) as answers:
            return await answers.requests.answered(request, operator())

    if not _run(end()):
        _stop(f"There is no open request {request}.")


def _who(number: int | None, request: PrivacyRequest | None) -> tuple[ShopDomain, CustomerId]:
    if request is None:
        _stop(f"There is no request {number}.")
    if request.customer is None:
        _stop(f"Nothing is kept of whoever asked in request {number}.")
    return request.shop, request.customer


def _plain(request: PrivacyRequest) -> dict[str, object]:
    return {
        "request": request.id,
        "kind": request.kind,
        "shop": request.shop,
        "customer": request.customer,
        "reference": request.reference,
        "received": iso(request.received_ms),
        "due": iso(request.due_ms),
        "done": iso(request.done_ms) if request.done_ms is not None else None,
        "done_by": request.done_by,
    }


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    try:
        return asyncio.run(work)
    except (SchemaMismatchError, SQLAlchemyError, ProxyError) as error:
        _stop(f"The ledger cannot be read: {str(error).splitlines()[0]}")
    except OSError as error:
        _stop(f"The file cannot be written: {error.strerror}")


def _stop(message: str) -> NoReturn:
    print(message, file=sys.stderr)  # noqa: T201
    raise typer.Exit(_FAILED)

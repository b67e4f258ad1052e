"""The OpenAPI document, made of the wire's own models."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.responses import Response

from proxy import __version__
from proxy.domain import errors, refusals
from proxy.web import wire, wire_benefits, wire_history, wire_profile, wire_quote, wire_redemption, wire_rewards
from proxy.web.state import ProxyRequest

_REF = "#/components/schemas/{model}"
_CUSTOMER: list[dict[str, list[str]]] = [{"customer": []}]
_CUSTOMER_ID = "^[1-9][0-9]{0,19}$"
_REDEMPTION_ID = "^rdm_[0-9a-f]{32}$"
_IDS = {"/customers/": _CUSTOMER_ID, "/approvals/": "^apr_[0-9a-f]{32}$"}
_KEY = "^[!#-~]{1,255}$"
_STAFF: list[dict[str, list[str]]] = [{"staff": []}]

# What may come of each kind of request; a status that is not here is a fault of ours, and a test looks for one.
_ANY = (
    errors.InvalidRequest,
    errors.Unauthenticated,
    errors.NotFound,
    errors.PendingProfile,
    errors.UrlTooLong,
    errors.RateLimited,
    errors.HeadersTooLarge,
    errors.ProxyError,
    errors.UpstreamUnavailable,
    errors.DeadlinePassed,
)
_OF_A_CUSTOMER = (errors.LoginRequired,)
_OF_A_BODY = (
    errors.ArrivedTooSlowly,
    errors.TooLarge,
)
_OF_A_WRITE = (
    errors.IdempotencyKeyMissing,
    errors.IdempotencyInFlight,
    errors.ProfileInactive,
    errors.CurrencyMismatch,
    errors.InsufficientBalance,
    errors.RewardsExpire,
    errors.HeldElsewhere,
    refusals.NotCombinable,
    refusals.BenefitUnavailable,
    refusals.BenefitUsedUp,
    refusals.BenefitExpired,
    refusals.BenefitNotApplicable,
    errors.ShopClosed,
    errors.DiscountRefused,
    errors.NotClaimable,
    errors.Busy,
    errors.IdempotencyKeyReused,
    errors.BelowMinimum,
    errors.OutcomePending,
    refusals.AboveMaximum,
    refusals.NotAStep,
)
_AT_A_TILL = (
    refusals.AboveStaffMaximum,
    refusals.StaffLimitReached,
    refusals.DeviceRequired,
    refusals.ReasonRequired,
    refusals.ApprovalRequired,
    refusals.ApprovalPending,
    refusals.ApprovalInvalid,
)
_OF_AN_APPROVAL = (refusals.ApprovalOwn, refusals.ApprovalInvalid, errors.ArrivedTooSlowly, errors.TooLarge)


@dataclass(frozen=True, slots=True)
class _Operation:
    """One route as documented."""

    method: str
    path: str
    name: str
    summary: str
    answer: type[BaseModel]
    security: list[dict[str, list[str]]]
    body: type[BaseModel] | None = None
    paged: bool = False
    keyed: bool = True  # what changes nothing, or the same when repeated, needs no Idempotency-Key
    refused: tuple[type[errors.ProxyError], ...] = ()

    def document(self) -> dict[str, Any]:
        """Write the operation."""
        status = "201" if self.method == "post" and self.keyed else "200"
        operation: dict[str, Any] = {
            "operationId": self.name,
            "summary": self.summary,
            "security": self.security,
            "parameters": self._parameters(),
            "responses": {
                status: {"description": "As asked.", "content": _content("application/json", self.answer)},
                **self._refusals(),
            },
        }
        if self.body is not None:
            operation["requestBody"] = {"required": True, "content": _content("application/json", self.body)}
        return operation

    def _refusals(self) -> dict[str, Any]:
        of_a_body = () if self.body is None else (*_OF_A_BODY, *_OF_A_WRITE) if self.keyed else _OF_A_BODY
        own = (*_ANY, *(_OF_A_CUSTOMER if self.security is _CUSTOMER else ()), *of_a_body, *self.refused)
        codes: dict[int, list[str]] = {}
        for error in own:
            codes.setdefault(error.status, []).append(f"`{error.code}`: {error.message}")
        content = _content("application/problem+json", wire.ProblemOut)
        return {
            str(status): {"description": "Refused. " + " ".join(said), "content": content}
            for status, said in sorted(codes.items())
        }

    def _parameters(self) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = []
        if "{id}" in self.path:
            pattern = next((p for part, p in _IDS.items() if part in self.path), _REDEMPTION_ID)
            schema: dict[str, Any] = {"type": "string", "pattern": pattern}
            parameters.append({"name": "id", "in": "path", "required": True, "schema": schema})
        if self.paged:
            for name, most in (("page", 1000), ("size", 50)):
                schema = {"type": "integer", "minimum": 1, "maximum": most}
                parameters.append({"name": name, "in": "query", "schema": schema})
        if self.body is not None and self.keyed:
            schema = {"type": "string", "pattern": _KEY}
            parameters.append({"name": "Idempotency-Key", "in": "header", "required": True, "schema": schema})
        return parameters


def _operations() -> list[_Operation]:
    redemption, pos = "/v1/redemptions", "/v1/pos/redemptions"
    redeemed = wire_redemption.RedemptionOut
    return [
        _Operation("get", "/v1/rewards", "getRewards", "Balance and rewards.", wire_rewards.RewardsOut, _CUSTOMER),
        _Operation("get", "/v1/tier", "getTier", "Between two tiers.", wire_profile.StandingOut, _CUSTOMER),
        _Operation("get", "/v1/benefits", "getBenefits", "Redeemable benefits.", wire_benefits.BenefitsOut, _CUSTOMER),
        _Operation(
            "post",
            "/v1/benefits/claims",
            "claimBenefit",
            "Claim a benefit that is on offer.",
            wire_benefits.ClaimOut,
            _CUSTOMER,
            wire_benefits.ClaimIn,
        ),
        _Operation(
            "get", "/v1/history", "getHistory", "Sales of all channels.", wire_history.HistoryOut, _CUSTOMER, paged=True
        ),
        _Operation(
            "post",
            redemption,
            "redeem",
            "Redeem an amount.",
            redeemed,
            _CUSTOMER,
            wire_redemption.RedeemIn,
        ),
        _Operation("get", redemption + "/{id}", "getRedemption", "Where it is.", redeemed, _CUSTOMER),
        _Operation("delete", redemption + "/{id}", "release", "Take it back.", redeemed, _CUSTOMER),
        *_at_tills(pos),
        *_quotes(redemption, pos),
        *_approvals("/v1/pos/approvals/{id}"),
    ]


def _at_tills(pos: str) -> list[_Operation]:
    redeemed = wire_redemption.RedemptionOut
    return [
        _Operation("get", "/v1/pos/customers/{id}", "getCustomer", "At a glance.", wire_profile.OverviewOut, _STAFF),
        _Operation(
            "get",
            "/v1/pos/customers/{id}/benefits",
            "getCustomerBenefits",
            "Benefits.",
            wire_benefits.BenefitsOut,
            _STAFF,
        ),
        _Operation(
            "post",
            "/v1/pos/customers/{id}/benefits/claims",
            "claimCustomersBenefit",
            "Claim one at a till.",
            wire_benefits.ClaimOut,
            _STAFF,
            wire_benefits.PosClaimIn,
        ),
        _Operation(
            "get",
            "/v1/pos/customers/{id}/history",
            "getCustomerHistory",
            "Sales of all channels.",
            wire_history.HistoryOut,
            _STAFF,
            paged=True,
        ),
        _Operation(
            "post",
            "/v1/pos/lookups",
            "lookUp",
            "Who carries a code.",
            wire_profile.LookupOut,
            _STAFF,
            wire_profile.LookupIn,
            keyed=False,
        ),
        _Operation(
            "post",
            pos,
            "redeemAtTill",
            "Redeem at a till.",
            redeemed,
            _STAFF,
            wire_redemption.PosRedeemIn,
            refused=_AT_A_TILL,
        ),
        _Operation("get", pos + "/{id}", "getRedemptionAtTill", "Where it is.", redeemed, _STAFF),
        _Operation("delete", pos + "/{id}", "releaseAtTill", "Take it back.", redeemed, _STAFF),
    ]


def _quotes(redemption: str, pos: str) -> list[_Operation]:
    bodies = ((redemption, "quote", _CUSTOMER, wire_quote.QuoteIn), (pos, "quoteAtTill", _STAFF, wire_quote.PosQuoteIn))
    return [
        _Operation(
            "post",
            f"{path}/quote",
            name,
            "What a redemption would be granted.",
            wire_quote.QuoteOut,
            caller,
            body,
            keyed=False,
        )
        for path, name, caller, body in bodies
    ]


def _approvals(path: str) -> list[_Operation]:
    answer = wire_quote.ApprovalOut
    return [
        _Operation("get", path, "getApproval", "What a colleague is to approve.", answer, _STAFF),
        _Operation(
            "post",
            path,
            "approve",
            "Approve what another login asked for.",
            answer,
            _STAFF,
            keyed=False,
            refused=_OF_AN_APPROVAL,
        ),
    ]


def _mode(model: type[BaseModel]) -> Literal["validation", "serialization"]:
    """An answer has all of its fields; a body may leave out those that have a default."""
    return "serialization" if issubclass(model, wire.Out) else "validation"


def document() -> Mapping[str, Any]:
    """Write the whole document."""
    operations = _operations()
    models = {op.answer for op in operations} | {op.body for op in operations if op.body} | {wire.ProblemOut}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, schemas = models_json_schema([(model, _mode(model)) for model in ordered], ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method] = operation.document()
    bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Reward redemption proxy", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "customer": {**bearer, "description": "Checkout, customer-account or transient token."},
                "staff": {**bearer, "description": "POS token."},
            },
        },
    }


async def get_openapi(_request: ProxyRequest) -> Response:
    """`GET /openapi.json`."""
    return Response(json.dumps(document()), media_type="application/json")


def _content(media: str, model: type[BaseModel]) -> dict[str, Any]:
    return {media: {"schema": {"$ref": _REF.format(model=model.__name__)}}}

"""Settings from the environment and an optional TOML file; a bad one stops the start with a message that names it."""

import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from proxy.settings.service import ALONE, BETWEEN, PREFIX, Settings
from proxy.settings.shop import ShopSettings

_SHOPS = f"{PREFIX}SHOPS{BETWEEN}"
_EXPLAINED = {
    "transaction_mode": (
        "has no default on purpose: 'own' writes every paid order to Omneo as a transaction and, beside Omneo's own "
        "Shopify app, counts every sale twice; 'attach' waits for the transaction that Omneo's app writes and attaches "
        "the redemption to it; 'none' leaves transactions to whoever writes them now"
    ),
}


class BadSettingsError(Exception):
    """Says in one line each what is wrong with which setting; never says a value."""


def load_settings(**overrides: Any) -> Settings:
    """Read and check all settings; raises BadSettingsError that names each bad one and no value."""
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and not _known(name))
    if unknown:
        raise BadSettingsError("\n".join(f"{name}: there is no such setting" for name in unknown))
    file = os.environ.get(f"{PREFIX}CONFIG")
    if file and not Path(file).is_file():
        raise BadSettingsError(f"{PREFIX}CONFIG: there is no such file")
    try:
        return Settings(**overrides)
    except ValidationError as error:
        lines = [_line(fault["loc"], fault["msg"]) for fault in error.errors(include_input=False, include_url=False)]
        raise BadSettingsError("\n".join(dict.fromkeys(lines))) from None
    except SettingsError:
        raise BadSettingsError(f"{PREFIX}BENEFITS: what stands there is not JSON") from None
    except (OSError, ValueError) as error:
        raise BadSettingsError(f"{PREFIX}CONFIG: {type(error).__name__}, the file cannot be read as TOML") from None


def _known(name: str) -> bool:
    if name.startswith(_SHOPS):
        _, _, field = name.removeprefix(_SHOPS).partition(BETWEEN)
        return field.lower() in ShopSettings.model_fields
    field = name.removeprefix(PREFIX).lower()
    # Several shops in one variable would be read as JSON, and nobody could read it.
    return field in {"config", *ShopSettings.model_fields, *Settings.model_fields} - {"shops"}


def _line(location: tuple[int | str, ...], message: str) -> str:
    ours = message.startswith("Value error, ")
    reason = message.removeprefix("Value error, ")
    prefix, names = PREFIX, [str(part) for part in location]
    if len(names) > 1 and names[0] == "shops":
        prefix = PREFIX if names[1] == ALONE else f"{_SHOPS}{names[1].upper()}{BETWEEN}"
        names = names[2:]
    if not names:
        # What we say of a whole shop names the setting itself.
        return f"{prefix}{reason}" if ours else f"{prefix.rstrip('_')}: {reason}"
    if names[0] == "benefits":
        # An entry is named as it is written: what is wrong is found by nothing else.
        reason = ": ".join([".".join(part for part in names[1:] if part != "[key]"), reason]).removeprefix(": ")
    explained = f" ({_EXPLAINED[names[0]]})" if names[0] in _EXPLAINED else ""
    return f"{prefix}{names[0].upper()}: {reason}{explained}"

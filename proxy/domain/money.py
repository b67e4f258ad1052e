"""Money as a whole number of minor units; no float comes near it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Self

from proxy.domain.errors import CurrencyMismatch, InvalidRequest

# Source: ISO 4217, list one; every currency that is not listed has two decimals.
USES: Final = "XXX"  # ISO 4217's "no currency": uses of benefits are counted in it
_NO_DECIMALS: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF XXX"
_THREE_DECIMALS: Final = "BHD IQD JOD KWD LYD OMR TND"
_EXPONENTS: Final = dict.fromkeys(_NO_DECIMALS.split(), 0) | dict.fromkeys(_THREE_DECIMALS.split(), 3)
_CODE_LENGTH = 3
_MAX_DIGITS = 14


def exponent(currency: str) -> int:
    """Tell how many decimals the currency has."""
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units (cents for AUD, yen for JPY) of an ISO 4217 currency."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, amount: str | int | Decimal, currency: str) -> Self:
        """Read a decimal amount exactly; more decimals than the currency has is an error, never rounded."""
        if len(currency) != _CODE_LENGTH or not currency.isascii() or not currency.isupper():
            raise InvalidRequest("currencyCode must be an ISO 4217 code.", field="currencyCode")
        try:
            scaled = Decimal(amount).scaleb(exponent(currency))
        except ArithmeticError:  # also the overflow of "1e999999"
            raise InvalidRequest("The amount is not a decimal number.", field="amount") from None
        # Looked at before int(): "1e999999" is a short text and a very long integer.
        if not scaled.is_finite() or scaled.adjusted() > _MAX_DIGITS:
            raise InvalidRequest("The amount is out of range.", field="amount")
        if scaled != int(scaled):
            raise InvalidRequest(f"{currency} amounts have at most {exponent(currency)} decimals.", field="amount")
        return cls(int(scaled), currency)

    @classmethod
    def floor(cls, amount: Decimal, currency: str) -> Self:
        """Read a balance that may carry more decimals than money has; what is below a minor unit is not spendable."""
        return cls(int(amount.scaleb(exponent(currency)) // 1), currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Give nothing, in a currency."""
        return cls(0, currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, with the currency's decimals."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def wire(self) -> dict[str, str]:
        """Write Shopify's MoneyV2 shape."""
        return {"amount": str(self.decimal), "currencyCode": self.currency}

    def __str__(self) -> str:
        if self.currency == USES:
            return f"{self.minor} use{'' if self.minor == 1 else 's'}"
        return f"{self.decimal} {self.currency}"

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(ours=self.currency, theirs=other.currency)

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __bool__(self) -> bool:
        return self.minor != 0

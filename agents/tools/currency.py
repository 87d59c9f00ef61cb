"""Money at the European Central Bank's reference rates, from Frankfurter: https://frankfurter.dev/v1."""

from decimal import Decimal

from autogen_core import CancellationToken
from pydantic import Field

from agents.tools.answer import Answer, Arguments, plain, to_text
from agents.tools.tool import GuardedTool, ToolFailed
from agents.tools.web import Service, ServiceRefused, WebClient

CACHE_SECONDS = 3600.0
"""The bank publishes once a working day, at about 16:00 in Frankfurt."""
SOURCE = "European Central Bank reference rates, by Frankfurter.dev"

Currencies = dict[str, str]
"""Names by code."""


class CurrencyArguments(Arguments):
    amount: float = Field(ge=0, le=1e15, description="How much money")
    source: str = Field(pattern="^[A-Za-z]{3}$", description="The currency it is in, as a code such as EUR")
    target: str = Field(pattern="^[A-Za-z]{3}$", description="The currency wanted, as a code such as USD")


class _Rates(Answer):
    date: str = Field(max_length=40)
    rates: dict[str, Decimal]


class Currency(GuardedTool[CurrencyArguments]):
    """What an amount of one currency is in another."""

    def __init__(self, web: WebClient, url: str) -> None:
        super().__init__(
            CurrencyArguments,
            "convert_currency",
            "Convert an amount of money at the European Central Bank's latest reference rate.",
            title="Currency",
            summary="Money converted at the European Central Bank's reference rates.",
        )
        self._web = web
        self._service = Service("Frankfurter.dev", url, CACHE_SECONDS)

    async def run(self, args: CurrencyArguments, cancellation_token: CancellationToken) -> str:
        source, target = args.source.upper(), args.target.upper()
        if source == target:
            raise ToolFailed(f"Both currencies are {source}, so the amount stays as it is.")
        date, rate = await self._rate(source, target)
        result = Decimal(str(args.amount)) * rate
        return to_text(
            {
                "result": f"{plain(args.amount)} {source} = {result:,.2f} {target}",
                "rate": f"1 {source} = {rate} {target}, of {date}",
                "note": "A reference rate: banks and shops add their own margin.",
                "source": SOURCE,
            }
        )

    async def _rate(self, source: str, target: str) -> tuple[str, Decimal]:
        try:
            found = await self._web.get(self._service, "/latest", {"base": source, "symbols": target}, _Rates)
        except ServiceRefused:  # how it says that it does not know a currency
            raise await self._unknown(source, target) from None
        if target not in found.rates:
            raise await self._unknown(source, target)
        return found.date, found.rates[target]

    async def _unknown(self, source: str, target: str) -> ToolFailed:
        known = await self._web.get(self._service, "/currencies", {}, Currencies)
        missing = " and ".join(code for code in (source, target) if code not in known) or f"{source} in {target}"
        return ToolFailed(f"The European Central Bank publishes no rate for {missing}. It has: {', '.join(sorted(known))}.")

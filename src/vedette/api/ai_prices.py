"""What models cost: the table the server comes with, and an organization's own prices before it."""

from math import isfinite

import msgspec
from litestar import get, put
from litestar.params import JSONBody
from litestar.types import ControllerRouterHandler

from vedette.api.body import Body
from vedette.api.given import TheAccess, TheServices
from vedette.projects.access import Access, enter
from vedette.projects.errors import Invalid
from vedette.projects.options import ModelPrice
from vedette.projects.organizations import change_organization
from vedette.tracing.prices import AS_OF, DEFAULT_PRICES

_MOST = 500
_MOST_CHARS = 200
_MOST_DOLLARS = 1e6


class PriceView(Body):
    """US dollars for a million tokens."""

    input: float
    output: float
    cached_input: float | None = None


class PricesView(Body):
    """`prices`: the organization's own, by model or pattern; `defaults` are of `asOf` (a date)."""

    as_of: str
    defaults: dict[str, PriceView]
    prices: dict[str, PriceView]


class PricesChange(Body):
    prices: dict[str, PriceView]


@get("/organizations/{org:str}/ai-prices/", sync_to_thread=True)
def read_prices(access: TheAccess) -> PricesView:
    """The organization's own prices of models, and those of everybody."""
    return _view(access)


@put("/organizations/{org:str}/ai-prices/", sync_to_thread=True)
def change_prices(services: TheServices, access: TheAccess, data: JSONBody[PricesChange]) -> PricesView:
    """Replaces the organization's own prices; they hold for spans received from now on."""
    prices = {model.strip(): _checked(model, price) for model, price in data.prices.items()}
    if len(prices) > _MOST:
        raise Invalid("prices", f"at most {_MOST} models")
    options = msgspec.structs.replace(access.organization.options, ai_prices=prices)
    with services.records.write() as session:
        change_organization(session, access, name=None, slug=None, options=options, now_us=services.clock())
    with services.records.read() as session:
        return _view(enter(session, access.caller, access.organization.slug))


def _checked(model: str, price: PriceView) -> ModelPrice:
    if not model.strip() or len(model) > _MOST_CHARS:
        raise Invalid("prices", f"a model has 1 to {_MOST_CHARS} characters")
    given = (price.input, price.output, price.cached_input or 0.0)
    if not all(isfinite(value) and 0 <= value <= _MOST_DOLLARS for value in given):
        raise Invalid("prices", f"{model}: from 0 to {_MOST_DOLLARS:.0f} dollars")
    return ModelPrice(price.input, price.output, price.cached_input)


def _view(access: Access) -> PricesView:
    own = access.organization.options.ai_prices
    return PricesView(
        as_of=AS_OF,
        defaults={
            model: PriceView(input=price.input, output=price.output, cached_input=price.cached_input)
            for model, price in DEFAULT_PRICES.items()
        },
        prices={
            model: PriceView(input=price.input, output=price.output, cached_input=price.cached_input)
            for model, price in own.items()
        },
    )


HANDLERS: list[ControllerRouterHandler] = [read_prices, change_prices]

"""Two real weeks of load as days of a bridge, and changes planted into the first of them.

ServeGen's language clients are priced as in `servegen.py`, each a service of its own. Changes are
planted whose answer is known: 30 % more requests, prompts of the large model 40 % longer, and its
input tokens 20 % cheaper.
"""

from dataclasses import replace
from decimal import Decimal

import duckdb

from ops_model.analysis.bridge import Cell, Side

LARGE = "m-large"
MORE, LONGER, CHEAPER = Decimal("1.3"), Decimal("1.4"), Decimal("0.8")
SMALL_PRICES = (Decimal("0.15"), Decimal("0.6"))
PRICES = {LARGE: (Decimal("2.5"), Decimal(10))}
_WEEKS = """
with tokens as (
  select model, client, window_s, input_tokens_mean i, output_tokens_mean o from '{tokens}'
  where category = 'language' and not isnan(input_tokens_mean) and not isnan(output_tokens_mean)
)
select a.client, a.model, floor(a.window_s / 604800)::int as week, sum(a.rate_rps * 600) as n,
       sum(a.rate_rps * 600 * t.i) as i, sum(a.rate_rps * 600 * t.o) as o
from '{arrivals}' a
join tokens t on t.model = a.model and t.client = a.client
  and t.window_s = floor(a.window_s / 21600) * 21600
where a.category = 'language' group by all having n > 0 order by all
"""


def weeks(arrivals, tokens):
    """The whole of both weeks, each as one day of a bridge."""
    with duckdb.connect() as engine:
        rows = engine.execute(_WEEKS.format(arrivals=arrivals, tokens=tokens)).fetchall()
    return [_side([row for row in rows if row[2] == week]) for week in (0, 1)]


def planted(side):
    """The side with the changes whose answer is known."""
    cells = {
        key: replace(cell, prompt=cell.prompt * LONGER, given_price=cell.given_price * CHEAPER)
        if key[1] == LARGE
        else cell
        for key, cell in side.cells.items()
    }
    return replace(side, units=side.units * MORE, cells=cells)


def closed_form(side):
    """What the planted changes add, worked out for a product of three factors that change.

    A driver that takes a factor from a to b changes each cell by (b - a) times the rest of it, and
    the rest counts with both of the others as before, with one of them changed, and with both: by
    1/3, 1/6, 1/6 and 1/3.
    """
    input_of_large, other = Decimal(0), Decimal(0)
    for key, cell in side.cells.items():
        given = cell.share * cell.prompt * cell.given_price
        input_of_large += side.units * given * (key[1] == LARGE)
        other += side.units * (given * (key[1] != LARGE))
        other += side.units * cell.share * cell.output * cell.output_price
    third, sixth = Decimal(1) / 3, Decimal(1) / 6

    def mean(one, two):
        return third + sixth * one + sixth * two + third * one * two

    return {
        "volume": (MORE - 1) * (input_of_large * mean(LONGER, CHEAPER) + other),
        "prompt_length": (LONGER - 1) * input_of_large * mean(MORE, CHEAPER),
        "price": (CHEAPER - 1) * input_of_large * mean(MORE, LONGER),
    }


def _side(rows):
    requests = sum(Decimal(repr(row[3])) for row in rows)
    cells = {}
    for client, model, _, *sums in rows:
        n, given, output = (Decimal(repr(value)) for value in sums)
        of_input, of_output = (price / 10**6 for price in PRICES.get(model, SMALL_PRICES))
        cells[str(client), model] = Cell(
            share=n / requests, prompt=given / n, output=output / n, read=Decimal(0),
            written=Decimal(0), given_price=of_input, output_price=of_output, fee=Decimal(0),
        )  # fmt: skip
    return Side(requests, Decimal(1), cells)

"""One page that opens from disk and needs nothing else: what a command found, to be passed on."""

from collections.abc import Sequence

from ops_model.site.markup import Html, join, tag

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:1000px;margin:2em auto;padding:0 1em;"
    "color:#1b1b1b;background:#fff}"
    "th,td{border-bottom:1px solid #ddd}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#1b1b1b}th,td{border-color:#444}}"
)
_ALONE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What the page may load: nothing but its own pictures."""


def report(title: str, said: str, body: Sequence[Html], *, facts: Sequence[str] = ()) -> str:
    """A whole page.

    Args:
        title: what it is about.
        said: the answer, in a sentence.
        body: cards and tables, from `parts`.
        facts: what it rests on, a line each, below.
    """
    head = tag(
        "head",
        Html('<meta charset="utf-8">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{_ALONE}">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        tag("title", title),
        tag("style", Html(_STYLE)),
    )
    foot = tag("ul", *[tag("li", fact) for fact in facts]) if facts else Html("")
    main = tag("main", tag("h1", title), tag("p", said), join(list(body)), foot)
    return f"<!doctype html>\n{tag('html', head, tag('body', main), lang='en')}\n"

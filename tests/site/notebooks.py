"""Executed notebooks as small as a test needs them."""

import base64
import json
import struct
import zlib

from ops_model.domain.evidence import RECORD_MIME
from ops_model.site.build import SealedNotebook

PLOTLY = "application/vnd.plotly.v1+json"


def words(source, **more):
    return {"cell_type": "markdown", "metadata": {}, "source": source, **more}


def code(*outputs, source="show()"):
    return {
        "cell_type": "code", "metadata": {}, "execution_count": 1, "source": source,
        "outputs": list(outputs),
    }  # fmt: skip


def shown(**kinds):
    """An output by its kinds: `html`, `text`, `png`, `svg`, `figure`, `record`, or any other."""
    names = {"html": "text/html", "text": "text/plain", "png": "image/png",
             "svg": "image/svg+xml", "figure": PLOTLY, "record": RECORD_MIME}  # fmt: skip
    data = {names.get(kind, kind): content for kind, content in kinds.items()}
    return {"output_type": "display_data", "metadata": {}, "data": data}


def sealed(*cells):
    made = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}
    return SealedNotebook(json.dumps(made).encode())


def png(wide=1, high=1):
    """A real picture of one pixel that says it is of this size, in base64."""

    def chunk(kind, content):
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(b"\0\0")), chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(parts)).decode()


def a_notebook():
    """One of every kind of cell and output that an honest notebook has."""
    table = "<table><thead><tr><th>day</th></tr></thead><tr><td>Monday</td></tr></table>"
    return sealed(
        words("# How did the week go?\n\nRead the **first** card; `n` is how many."),
        code(source='system: str = "flight-delay"  # the id\n\nas_of = "2013-07-22"'),
        code(shown(html=f"<p>A table of the week.</p>{table}", text="<shown>")),
        code(shown(png=png()), shown(svg='<svg xmlns="http://www.w3.org/2000/svg"/>')),
        code({"output_type": "stream", "name": "stdout", "text": "3 rows read\n"}),
        code(shown(text="42", figure={"data": []})),
    )

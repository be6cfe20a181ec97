"""The text of each page of a PDF that Chromium printed, read with the standard library.

It knows what Chromium writes and no more: compressed streams, fonts with a ToUnicode map, and text
shown as glyph numbers in hexadecimal.
"""

import re
import unicodedata
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj\s*(.*?)endobj", re.DOTALL)
_SHOWN = re.compile(rb"/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>|\b(?:TJ|Tj)\b|/(X\d+) Do")


class Pdf:
    """A PDF as its objects by number."""

    def __init__(self, data):
        self.objects = {int(n): body for n, body in _OBJECT.findall(data)}
        self.fonts = {}

    def pages(self):
        """The text of each page without any blank, in the order in which it is painted."""
        found = [body for body in self.objects.values() if re.search(rb"/Type\s*/Page\b", body)]
        painted = [self._painted(b, self._stream(self._ref(b, b"Contents"))) for b in found]
        # A ligature is one glyph, and two letters to a reader.
        return [unicodedata.normalize("NFKC", text) for text in painted]

    def _ref(self, body, name):
        return int(re.search(rb"/" + name + rb"\s+(\d+) 0 R", body)[1])

    def _stream(self, number):
        data = self.objects[number].split(b"stream", 1)[1].strip(b"\r\n")
        return zlib.decompressobj().decompress(data)

    def _painted(self, owner, content):
        """The glyphs of a content stream as text; `owner` names its fonts and forms."""
        named = {n: int(to) for n, to in re.findall(rb"/([FX]\d+)\s+(\d+) 0 R", owner)}
        said, glyphs = [], {}
        for font, hexadecimal, form in _SHOWN.findall(content):
            if font:
                glyphs = self._glyphs(named[font])
            elif form and b"/Form" in self.objects[named[form]]:
                inside = self.objects[named[form]]
                said.append(self._painted(inside, self._stream(named[form])))
            elif hexadecimal:
                codes = [hexadecimal[i : i + 4] for i in range(0, len(hexadecimal), 4)]
                said += [glyphs.get(int(code, 16), "") for code in codes]
        return re.sub(r"\s", "", "".join(said))

    def _glyphs(self, font):
        if font not in self.fonts:
            self.fonts[font] = self._map(self._stream(self._ref(self.objects[font], b"ToUnicode")))
        return self.fonts[font]

    def _map(self, cmap):
        glyphs = {}
        for block in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
            for code, letter in re.findall(rb"<(\w+)>\s*<(\w+)>", block):
                glyphs[int(code, 16)] = bytes.fromhex(letter.decode()).decode("utf-16-be")
        for block in re.findall(rb"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
            for first, last, letter in re.findall(rb"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
                start = int(letter, 16)
                for place in range(int(last, 16) - int(first, 16) + 1):
                    glyphs[int(first, 16) + place] = chr(start + place)
        return glyphs

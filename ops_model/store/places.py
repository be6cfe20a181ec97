"""Where the keys and items of a tree that was read stand in their file."""

from collections.abc import Iterator

from ops_model.domain.lines import Lines
from ops_model.domain.values import Where


class Places(Lines):
    """Where each key of a mapping, or item of a list, stands; dotted paths reach further down.

    Only line numbers are held; a `Where` is made when it is asked for, and so are dotted paths:
    held ready, they would grow with depth times size.
    """

    __slots__ = ("below",)

    def __init__(self, path: str) -> None:
        super().__init__(path, {})
        self.below: dict[str, Places] = {}

    def __getitem__(self, path: str) -> Where:
        line = self._line_of(path)
        if line is None:
            raise KeyError(path)
        return Where(path=self.path, line=line)

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self._line_of(path) is not None

    def __iter__(self) -> Iterator[str]:
        yield from self.lines
        for head, child in self.below.items():
            yield from (f"{head}.{rest}" for rest in child)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def by_key(self) -> dict[str, int]:
        """The line of each key and dotted path."""
        found = dict(self.lines)
        # The shortest first, as a single path is looked for: keys may hold dots themselves.
        for head in sorted(self.below, key=len):
            for rest, line in self.below[head].by_key().items():
                found.setdefault(f"{head}.{rest}", line)
        return found

    def _line_of(self, path: str) -> int | None:
        if path in self.lines:
            return self.lines[path]
        cut = path.find(".")
        while cut != -1:
            child = self.below.get(path[:cut])
            if child is not None and (line := child._line_of(path[cut + 1 :])) is not None:
                return line
            cut = path.find(".", cut + 1)
        return None

"""Where the keys of one object stand: lines of one file, and a place when somebody asks for it."""

from collections.abc import Iterator, Mapping

from ops_model.domain.values import Where


class Lines(Mapping[str, Where]):
    """The place of each key. Only its line is held: few of thousands are ever asked for."""

    __slots__ = ("lines", "path")

    def __init__(self, path: str, lines: dict[str, int]) -> None:
        self.path, self.lines = path, lines

    def __getitem__(self, key: str) -> Where:
        return Where(path=self.path, line=self.lines[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def by_key(self) -> dict[str, int]:
        """The line of each key."""
        return dict(self.lines)

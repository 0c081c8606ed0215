"""What is wrong with a query, and where."""


class SearchError(ValueError):
    """A query that cannot be read. `position` counts characters from 0.

    Its text is ready for the caller: what is wrong, what would be right, and the place.
    """

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(f"Error parsing search query: {reason} (at character {position + 1})")
        self.reason = reason
        self.position = position

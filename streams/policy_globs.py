"""Whether two page globs can match one and the same path; it must not know what pages are for."""

from __future__ import annotations

from functools import cache


def overlap(one: str, other: str) -> bool:
    """Whether some path matches both globs (`*` stands for any run of characters, also none)."""

    @cache
    def meet(at: int, by: int) -> bool:
        # Either side may let its star end here or take one more character of the other side.
        if at == len(one) or by == len(other):
            return set(one[at:] + other[by:]) <= {"*"}
        if one[at] == "*":
            return meet(at + 1, by) or meet(at, by + 1)
        if other[by] == "*":
            return meet(at, by + 1) or meet(at + 1, by)
        return one[at] == other[by] and meet(at + 1, by + 1)

    return meet(0, 0)

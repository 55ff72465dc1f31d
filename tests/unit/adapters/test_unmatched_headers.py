"""What a release that is put aside carries, and that it can be taken off again."""

from __future__ import annotations

from streams.adapters.unmatched import original_headers, unmatched_headers

OWN = [("ce_id", b"pr-1"), ("ce_id", b"again"), ("x", b"\xff")]


def test_a_release_put_aside_says_where_it_came_from_after_its_own_headers() -> None:
    assert unmatched_headers("tokyo.press-releases", 3, 70, OWN) == [
        *OWN,
        ("kakuhan-unmatched-topic", b"tokyo.press-releases"),
        ("kakuhan-unmatched-partition", b"3"),
        ("kakuhan-unmatched-offset", b"70"),
    ]


def test_put_aside_a_second_time_it_names_the_newer_place_only() -> None:
    once = unmatched_headers("press-releases", 0, 1, OWN)
    assert unmatched_headers("press-releases", 0, 2, once) == unmatched_headers("press-releases", 0, 2, OWN)


def test_its_own_headers_come_back_as_they_were() -> None:
    assert original_headers(unmatched_headers("press-releases", 0, 1, OWN)) == OWN

"""The comparison of files says which differ, and how, in few lines."""

import pytest
from same_files import NAMED, assert_same_bytes, assert_same_files


def test_what_is_missing_too_much_or_other_is_named_with_the_place_where_it_begins():
    expected = {"a.csv": b"x,y\n1,2\n", "b.csv": b"x\n", "c.pt": bytes(2_000)}
    found = {"a.csv": b"x,y\n1,3\n", "c.pt": bytes(1_000) + b"\1" + bytes(998), "d.csv": b""}

    with pytest.raises(AssertionError) as told:
        assert_same_files(found, expected)

    heading, missing, extra, text, state = str(told.value).splitlines()
    assert heading == "4 of 4 files differ"
    assert (missing, extra) == ("missing: b.csv", "too much: d.csv")
    assert text == "other: a.csv, 8 bytes for 8, from byte 6: b'1,3\\n' at byte 4, not b'1,2\\n'"
    assert state.startswith("other: c.pt, 1999 bytes for 2000, from byte 1000: b'\\x00")


def test_a_message_stays_short_however_many_and_large_the_files():
    expected = {f"{number}.pt": bytes(100_000) for number in range(100)}

    with pytest.raises(AssertionError) as told:
        assert_same_files(dict.fromkeys(expected, b"\x01" * 100000), expected)

    assert str(told.value).splitlines()[-1] == f"and {100 - NAMED} more"
    assert len(str(told.value)) < 8_000


def test_equal_files_pass_and_of_two_files_the_names_do_not_matter(tmp_path):
    for name, content in (("a", b"1"), ("b", b"1"), ("c", b"1\n")):
        (tmp_path / name).write_bytes(content)

    assert_same_files({"a": b"1"}, {"a": b"1"})
    assert_same_bytes(tmp_path / "a", tmp_path / "b")
    with pytest.raises(AssertionError, match="other: c, 2 bytes for 1, from byte 1"):
        assert_same_bytes(tmp_path / "c", tmp_path / "a")

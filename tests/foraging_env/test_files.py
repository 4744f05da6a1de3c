"""A file is whole or not there."""

import os
import subprocess
import sys
import threading

import pytest

from foraging_env.files import read_json, replacing, write_csv, write_json


def write_half(path):
    path.write_text("half of it")
    raise OSError("the disk is full")


def test_a_block_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "table.csv"
    write_csv(path, ["a"], [[1]])

    with pytest.raises(OSError, match="disk is full"), replacing(path) as draft:
        write_half(draft)

    assert path.read_text() == "a\n1\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_table_keeps_all_digits_and_an_object_its_order(tmp_path):
    write_csv(tmp_path / "t.csv", ["x", "y"], [[0.1 + 0.2, "a,b"]])
    write_json(tmp_path / "o.json", {"b": 1, "a": [2]})

    assert (tmp_path / "t.csv").read_text() == 'x,y\n0.30000000000000004,"a,b"\n'
    assert (tmp_path / "o.json").read_text() == '{\n  "b": 1,\n  "a": [\n    2\n  ]\n}\n'


def test_an_object_says_nothing_twice_and_may_begin_with_a_mark():
    assert read_json('\ufeff{"a": {"b": 1}}') == {"a": {"b": 1}}

    with pytest.raises(ValueError, match="name 'b' stands twice in one object"):
        read_json('{"a": {"b": 1, "b": 2}}')


def test_two_threads_that_write_one_file_have_drafts_of_their_own(tmp_path):
    path = tmp_path / "table.csv"
    with replacing(path) as draft:
        draft.write_text("first")
        other = threading.Thread(target=write_csv, args=(path, ["second"], []))
        other.start()
        other.join()
        assert path.read_text() == "second\n"

    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_goes_and_what_a_living_one_writes_stays(tmp_path):
    path = tmp_path / "figure [1].png"
    code = (
        "import os, pathlib, sys\n"
        "from foraging_env.files import replacing\n"
        "with replacing(pathlib.Path(sys.argv[1])) as draft:\n"
        "    draft.touch()\n"
        "    os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert len(list(tmp_path.iterdir())) == 1
    with replacing(path.with_name("another.png")) as draft:
        draft.write_text("other")
    assert len(list(tmp_path.iterdir())) == 2, "only what was to become the same file is taken away"

    with replacing(path) as draft:
        draft.touch()
        living = draft.with_name(draft.name.replace(str(os.getpid()), str(os.getppid())))
        living.touch()
    with replacing(path) as draft:
        draft.write_text("whole")
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([living.name, "another.png", path.name])

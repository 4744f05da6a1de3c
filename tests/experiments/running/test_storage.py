"""A result folder holds one run, and never half a file."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import filelock
import pytest

from experiments.errors import UserError
from experiments.running.storage import Cost, Record, RunFolder, StageFolder
from foraging_env.files import replacing, write_json
from foraging_env.scores import Counts

CONFIG = {"preset": {"name": "mini", "cycles": 5}, "seeds": [0, 1], "command": "forage run"}
IDENTITY = ("preset", "seeds")


def claim(path, config=CONFIG):
    with RunFolder(path).claimed(config, IDENTITY):
        pass


def test_a_file_that_fails_half_way_leaves_the_old_one(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")

    def fail() -> None:
        with replacing(path) as draft:
            draft.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def probe(i: int) -> dict[str, Counts]:
    return {"task1": Counts(i, 1, 10)}


def save(text: str) -> Callable[[Path], None]:
    return lambda path: path.write_text(text) and None


@pytest.fixture
def stage(tmp_path) -> StageFolder:
    (tmp_path / "T1").mkdir()
    return StageFolder(tmp_path / "T1")


def test_a_stage_remembers_what_it_reached_and_keeps_only_the_last_state(stage):
    stage.commit(Record(1, [probe(0)], 8), save("state 1"), ".npz", Cost(1.0, 2.0, 30))
    stage.commit(Record(2, [probe(0), probe(1)], 16), save("state 2"), ".npz", Cost(1.0, 2.0, 20))
    stage.commit_tests("key", probe(2), Cost(1.0, 1.0, 10))

    assert stage.read() == Record(2, [probe(0), probe(1)], 16)
    assert stage.state(2).read_text() == "state 2"
    assert stage.tests("key") == probe(2)
    assert stage.tests("other tests") is None
    assert stage.cost() == Cost(3.0, 5.0, 30)
    assert len(list(stage.path.glob("state-*"))) == 1


def test_a_state_that_cannot_be_saved_changes_nothing(stage):
    stage.commit(Record(1, [probe(1)]), save("state 1"), ".npz", Cost())

    def full_disk(path):
        path.write_text("half")
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        stage.commit(Record(2, [probe(1)] * 2), full_disk, ".npz", Cost())

    assert stage.read().segments == 1
    assert stage.state(1).read_text() == "state 1"


def test_a_state_that_is_gone_is_named_with_the_remedy(stage):
    with pytest.raises(UserError, match=r"lacks the state of segment 3; delete it, and the stage is run again"):
        stage.state(3)


def test_a_stage_is_one_process_at_a_time_and_what_a_killed_one_left_is_cleared_away(stage):
    (stage.path / ".draft-123-state-01.npz").touch()

    with stage.locked():
        assert [p.name for p in stage.path.iterdir()] == [".lock"]
        with pytest.raises(filelock.Timeout):
            filelock.FileLock(stage.path / ".lock").acquire(timeout=0)


def test_a_broken_record_is_named(tmp_path):
    (tmp_path / "record.json").write_text('{"segments": 1, "probes": 3, "bytes_kept": 0}')

    with pytest.raises(UserError, match=r"record\.json is not a record of a stage .* delete its folder"):
        StageFolder(tmp_path).read()


def test_the_same_configuration_may_come_back(tmp_path):
    claim(tmp_path / "run")
    claim(tmp_path / "run", CONFIG | {"command": "forage run --jobs 2"})

    assert RunFolder(tmp_path / "run").config() == CONFIG


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"preset": {"name": "mini", "cycles": 6}}, r"preset\.cycles is 5 there and 6 here"),
        ({"seeds": [0, 1, 2]}, r"seeds is \[0, 1\] there and \[0, 1, 2\] here"),
        ({"seeds": [0, 2]}, r"seeds\[1\] is 1 there and 2 here"),
    ],
)
def test_another_configuration_is_refused(tmp_path, change, text):
    claim(tmp_path)

    with pytest.raises(UserError, match=f"holds another run: {text}.*choose another --out"):
        claim(tmp_path, CONFIG | change)


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").touch()

    with pytest.raises(UserError, match=r"holds 'thesis\.tex' but no config\.json"):
        claim(tmp_path)

    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(UserError, match="is a file; results need a folder"):
        claim(tmp_path / "file")


def test_two_runs_at_once_may_share_a_folder_if_they_are_the_same(tmp_path):
    with RunFolder(tmp_path).claimed(CONFIG, IDENTITY) as first:
        (tmp_path / ".draft-123-results.csv").touch()
        with RunFolder(tmp_path).claimed(CONFIG | {"command": "again"}, IDENTITY) as second:
            assert (first, second) == (True, False)
            assert (tmp_path / ".draft-123-results.csv").exists(), "the first may be writing it"
        with pytest.raises(UserError, match="holds another run"):
            claim(tmp_path, CONFIG | {"seeds": [5, 6]})


def test_what_a_killed_run_was_writing_is_cleared_away(tmp_path):
    claim(tmp_path)
    (tmp_path / ".draft-123-results.csv").touch()

    claim(tmp_path)

    assert sorted(p.name for p in tmp_path.iterdir() if p.name != ".lock") == ["config.json"]


def test_what_another_run_still_draws_stays_when_the_folder_is_claimed(tmp_path):
    claim(tmp_path)
    with replacing(tmp_path / "sleep.png") as draft:
        draft.touch()
        living = draft.with_name(draft.name.replace(str(os.getpid()), str(os.getppid())))
        living.touch()

    claim(tmp_path)

    assert living.exists(), "a run lets go of its folder before it draws"


def come_second(path: Path, told: list[bool]) -> None:
    with RunFolder(path).claimed(CONFIG, IDENTITY) as alone:
        told.append(alone)


def test_who_comes_between_the_first_ones_lock_and_its_configuration_waits_for_that(tmp_path):
    told: list[bool] = []
    second = threading.Thread(target=come_second, args=(tmp_path, told))
    with filelock.FileLock(tmp_path / ".lock"):
        second.start()
        second.join(0.2)
        assert second.is_alive(), "it does not take the folder for a foreign one"
        write_json(tmp_path / "config.json", CONFIG)
        second.join(60)

    assert told == [False]


def test_who_waits_for_a_configuration_of_one_that_dies_is_the_first(tmp_path):
    told: list[bool] = []
    second = threading.Thread(target=come_second, args=(tmp_path, told))
    with filelock.FileLock(tmp_path / ".lock"):
        second.start()
        second.join(0.2)
    second.join(60)

    assert told == [True]
    assert (tmp_path / "config.json").exists()


def test_a_configuration_that_cannot_be_read_is_named(tmp_path):
    write_json(tmp_path / "config.json", [1, 2])

    with pytest.raises(UserError, match=r"config\.json cannot be read as a configuration"):
        claim(tmp_path)

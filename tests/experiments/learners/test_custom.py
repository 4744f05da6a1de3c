"""A user's own agents and protocols take part like ours."""

import pytest
from miniature import comparison, contents, live_in
from test_readme import blocks

from experiments.errors import UserError
from experiments.evidence.results import read_costs, read_results


def test_an_own_agent_has_its_rows_beside_ours(tmp_path):
    live_in(tmp_path, comparison(["own_agent:make", "own_agent:make_ppo"]), seeds=[0])

    rows = read_results(tmp_path / "results.csv")
    assert {row.agent for row in rows} == {"own_agent:make", "own_agent:make_ppo"}
    assert {(row.phase, row.task) for row in rows if row.agent == "own_agent:make"} == {
        (phase, task) for phase in (0, 1, 2) for task in ("task1", "task2")
    }
    assert {row.bytes_kept for row in read_costs(tmp_path / "costs.csv") if row.agent == "own_agent:make"} == {64}


def test_sb3s_own_ppo_comes_to_the_same_numbers_twice(tmp_path):
    for name in ("once", "again"):
        live_in(tmp_path / name, comparison(["own_agent:make_ppo"]), seeds=[0], jobs=1)

    once, again = contents(tmp_path / "once"), contents(tmp_path / "again")
    assert {name: once[name] for name in ("results.csv", "curve.csv")} == {
        name: again[name] for name in ("results.csv", "curve.csv")
    }


def test_the_readmes_own_agent_takes_part(tmp_path, monkeypatch):
    (program,) = (program for program in blocks("python") if "def make" in program)
    (tmp_path / "mine.py").write_text(program)
    monkeypatch.syspath_prepend(tmp_path)

    live_in(tmp_path / "out", comparison(["mine:make"]), seeds=[0])

    assert len(read_results(tmp_path / "out/results.csv")) == 3 * 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("no_such_module:make", "no_such_module cannot be imported"),
        ("own_agent:makes", "own_agent has no function 'makes'"),
    ],
)
def test_an_agent_that_cannot_be_found_is_refused(tmp_path, name, text):
    with pytest.raises(UserError, match=text):
        live_in(tmp_path, comparison([name]), seeds=[0])

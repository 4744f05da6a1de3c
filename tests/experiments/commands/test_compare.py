"""Two folders side by side, against numbers computed by hand."""

import json
import sys

import pytest
from written_by_hand import AFTER, configured, write_folder

from experiments.__main__ import main
from experiments.errors import UserError
from experiments.evidence.differences import compare_folders
from experiments.evidence.folders import read_folder

BETTER = AFTER | {"2-task2": (80, 80)}


@pytest.fixture
def two(tmp_path):
    """Folders in which every seed of ppo knows Task 1 better in b than in a, by the same amount."""
    for name, after, seeds in (("a", AFTER, 5), ("b", BETTER, 6)):
        (tmp_path / name).mkdir()
        configured(write_folder(tmp_path / name, agents=("ppo", "ppo+ewc"), seeds=seeds, after=after))
    configured(tmp_path / "b", versions={"python": "3.11", "numpy": "9.9"}, preset="other")
    return tmp_path / "a", tmp_path / "b"


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["forage", "compare", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code


def test_differences_are_b_minus_a_over_the_seeds_of_both(two):
    found = compare_folders(*map(read_folder, two))

    rows = {(row.agent_a, row.measure, row.score): row for row in found.differences}
    plain = rows["ppo", "performance", "average_performance"]
    assert plain.seeds == (0, 1, 2, 3, 4)
    assert (plain.mean_a, plain.mean_b) == pytest.approx((0.7, 0.8))
    assert plain.paired.difference.estimate == pytest.approx(0.1)
    assert plain.paired.sign_flip_p == 2 / 2**5
    assert rows["ppo", "performance", "forgetting"].paired.difference.estimate == pytest.approx(-0.2)
    assert rows["ppo", "intake", "average_performance"].paired.difference.estimate == pytest.approx(2)
    assert rows["ppo+ewc", "performance", "forgetting"].paired.difference.estimate == 0
    # of 8 p values 4 are 1/16, the others 1
    assert plain.holm_p == 8 / 16
    assert rows["ppo+ewc", "intake", "forgetting"].holm_p == 1


def test_agents_of_different_names_are_compared_as_pairs(two):
    folder = read_folder(two[0])

    found = compare_folders(folder, folder, [("ppo", "ppo+ewc")])

    assert {(row.agent_a, row.agent_b) for row in found.differences} == {("ppo", "ppo+ewc")}
    assert found.differences[0].mean_b == pytest.approx((0.9 + 0.5) / 2 + 0.02)  # seed s is better by s in 100
    assert found.configuration == ()


def test_what_differs_is_said(two):
    found = compare_folders(*map(read_folder, two))

    assert ("versions.numpy", '"9.9"') in [(name, b) for name, _, b in found.configuration]
    assert ("preset", '"mini"', '"other"') in found.configuration


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda plan: plan["protocol"].update(name="cycle"), "a and b differ in protocol: 'paper' and 'cycle'"),
        (lambda plan: plan["protocol"]["stages"][2].update(tasks=["task1"]), "learns task1, then task2 in a and task1"),
        (lambda plan: plan["agents"].clear(), "holds no agent"),
    ],
)
def test_other_protocols_are_refused_with_the_reason(two, change, text):
    config = json.loads((two[1] / "config.json").read_text())
    change(config["plans"][0])
    (two[1] / "config.json").write_text(json.dumps(config))

    with pytest.raises(UserError, match=text):
        compare_folders(*map(read_folder, two))


def test_agents_that_are_not_there_are_refused(two, tmp_path):
    folder = read_folder(two[0])
    (tmp_path / "c").mkdir()
    other = read_folder(write_folder(tmp_path / "c", agents=("ppo+single",)))

    with pytest.raises(UserError, match=r"unknown agent of a 'dqn'; known: ppo, ppo"):
        compare_folders(folder, folder, [("dqn", "ppo")])
    with pytest.raises(UserError, match=r"no agent is in both: .* --pair AGENT_OF_A=AGENT_OF_B"):
        compare_folders(folder, other)


def test_the_table_fits_and_shows_n(two, monkeypatch, capsys):
    monkeypatch.delenv("COLUMNS", raising=False)

    assert run(monkeypatch, *two) == 0

    text = capsys.readouterr().out
    row = next(line for line in text.splitlines() if "AP performance" in line)
    assert " ".join(row.split()) == "AP performance 0.70 0.80 +0.10 [+0.10, +0.10] +∞ [+∞, +∞] 0.0625 0.5 5"
    assert "…" not in text
    assert "With n = 5 no p can be below 0.0625" in text


def test_json_holds_the_same_without_numbers_that_json_has_not(two, monkeypatch, capsys):
    assert run(monkeypatch, *two, "--json") == 0

    told = json.loads(capsys.readouterr().out)
    assert len(told["differences"]) == 8
    assert told["differences"][0] | {"difference": 0.1} == told["differences"][0] | {
        "agent_a": "ppo",
        "agent_b": "ppo",
        "n": 5,
        "seeds": [0, 1, 2, 3, 4],
        "difference": 0.1,
        "cohens_dz": None,
        "sign_flip_p": 0.0625,
        "holm_p": 0.5,
    }


def test_a_pair_that_is_none_is_refused(two, monkeypatch, capsys):
    assert run(monkeypatch, *two, "--pair", "ppo") == 2
    assert "--pair 'ppo' is not AGENT=AGENT" in capsys.readouterr().err

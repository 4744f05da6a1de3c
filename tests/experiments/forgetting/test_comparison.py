"""A comparison is made of files alone: these are written by hand, and their scores computed by hand."""

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread
from same_files import assert_same_files
from written_by_hand import AFTER, LIVES, TASKS, write_folder

from experiments.evidence import contest
from experiments.evidence.contest import Contest, contest_of
from experiments.evidence.results import read_run
from experiments.evidence.scoring import scores
from experiments.forgetting import agents as forgetting
from experiments.forgetting.conclusion import conclude, report
from experiments.forgetting.figure import comparison_figure
from experiments.printing import console as new_console
from foraging_env.normalisation import normalised_intake


def contest_in(folder: Path) -> Contest:
    return contest_of(read_run(folder))


def table_of(folder: Path) -> dict[tuple[str, str, str], float]:
    return {(row.agent, row.measure, row.score): row.value for row in scores(contest_in(folder)) if row.seed == 0}


def printed(folder: Path) -> str:
    console, told = new_console(file=StringIO(), width=100), contest_in(folder)
    report(told, scores(told), console)
    return console.file.getvalue()


def sentences(text: str) -> str:
    return " ".join(text.split())


def test_scores_are_those_computed_by_hand(tmp_path):
    found = table_of(write_folder(tmp_path))

    performance = {
        score: value for (agent, measure, score), value in found.items() if agent + measure == "ppoperformance"
    }
    assert performance == pytest.approx(
        {
            "average_performance": (0.6 + 0.8) / 2,
            "learned": (0.9 + 0.8) / 2,
            "forgetting": 0.9 - 0.6,
            "max_forgetting": 0.9 - 0.6,
            "backward_transfer": 0.6 - 0.9,
            "retention": 0.6 / 0.9,
            "zero_shot_transfer": 0.4 - 0.5,
            "intransigence": ((0.85 - 0.9) + (0.9 - 0.8)) / 2,
            # task 2: 0.4, 0.7, 0.8 in its turn, 0.5, 0.5, 0.7 alone; task 1 is the same stage
            "forward_transfer": (0 + (0.65 - 0.55) / (1 - 0.55)) / 2,
            "forward_transfer_difference": (0 + 0.65 - 0.55) / 2,
            "lifetime": (0.7 + 0.65) / 2,
        }
    )
    assert found["ppo", "intake", "average_performance"] == pytest.approx(4)
    assert found["ppo", "intake", "forgetting"] == pytest.approx(6)
    ends = [normalised_intake(intake, "Forage-v0", task) for intake, task in zip((2, 6), TASKS, strict=True)]
    assert found["ppo", "normalised", "average_performance"] == pytest.approx(sum(ends) / 2)


def test_costs_are_of_all_stages_and_the_most_that_was_kept(tmp_path):
    found = table_of(write_folder(tmp_path))

    assert [found["ppo", "cost", name] for name in ("steps", "cpu_seconds", "bytes_kept")] == [200, 7.5, 3000]


def test_agents_that_do_not_learn_in_turn_have_what_is_defined_for_them(tmp_path):
    found = table_of(write_folder(tmp_path))

    for agent, average in (("ppo+interleaved", (0.85 + 0.9) / 2), ("ppo+single", (0.9 + 0.7) / 2)):
        assert {score for name, measure, score in found if (name, measure) == (agent, "performance")} == {
            "average_performance"
        }
        assert found[agent, "performance", "average_performance"] == pytest.approx(average)


def test_without_the_agents_to_compare_with_their_scores_are_left_out(tmp_path):
    found = table_of(write_folder(tmp_path, agents=("ppo",)))

    names = {score for _, measure, score in found if measure == "performance"}
    assert not names & {"intransigence", "forward_transfer", "forward_transfer_difference"}
    assert "forgetting" in names


def test_exact_zeros_count(tmp_path):
    found = table_of(write_folder(tmp_path, agents=("ppo",), after=AFTER | {"2-task2": (0, 80)}))

    assert found["ppo", "performance", "average_performance"] == pytest.approx(0.4)
    assert found["ppo", "performance", "forgetting"] == pytest.approx(0.9)
    assert found["ppo", "performance", "retention"] == 0


def test_a_learning_curve_runs_from_the_test_before_a_phase_to_the_one_after_it(tmp_path):
    told = contest_in(write_folder(tmp_path))

    steps, values = told.along(told.line("ppo+single"), 0, 1, "task2", "performance")

    assert steps.tolist() == [0, 50, 100]
    assert values.tolist() == [0.5, 0.5, 0.7]


def test_a_life_that_is_not_complete_is_left_out_and_named(tmp_path):
    folder = write_folder(tmp_path, agents=("ppo",), seeds=3, lost=[("ppo", 1, "2-task2")])

    text = printed(folder)

    assert {row.seed for row in scores(contest_in(folder))} == {0, 2}
    assert "ppo: left out, since not complete: seed 1." in text


def test_a_folder_without_a_complete_life_says_so_and_has_no_figure(tmp_path):
    write_folder(tmp_path, agents=("ppo",), lost=[("ppo", 0, "2-task2")])

    console = new_console(file=StringIO())
    conclude(tmp_path, console)

    assert "has been through all its stages yet" in sentences(console.file.getvalue())
    assert not (tmp_path / "forgetting.png").exists()


def test_performance_of_an_agent_that_ate_nothing_is_not_shown(tmp_path):
    lines = printed(write_folder(tmp_path, agents=("ppo",), eaten=0)).splitlines()

    assert next(line for line in lines if line.startswith(" ppo ") and " perf. " in line).split() == [
        "ppo",
        "perf.",
        *"–––",
        "1",
    ]
    assert next(line for line in lines if line.split()[:1] == ["intake"]).split() == ["intake", "0.00", "0.00", "0.00"]


@pytest.mark.parametrize(("seeds", "shown"), [(1, "0.30"), (2, "0.30±0.00"), (3, "0.30 [0.30, 0.30]")])
def test_spread_is_shown_as_far_as_seeds_tell_of_it(tmp_path, seeds, shown):
    text = printed(write_folder(tmp_path, agents=("ppo",), seeds=seeds))

    forgetting_table = text[text.index("Forgetting, and") :]
    assert " ".join(next(line for line in forgetting_table.splitlines() if "ppo" in line).split()).startswith(
        f"ppo 0.85 {shown} "
    )


def test_everything_fits_into_a_hundred_columns(tmp_path):
    text = printed(write_folder(tmp_path, seeds=5))

    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 100


def test_remedies_are_compared_in_words_from_five_seeds_on(tmp_path):
    four, five = (tmp_path / name for name in ("four", "five"))
    four.mkdir()
    five.mkdir()

    few = sentences(printed(write_folder(four, seeds=4)))
    enough = sentences(printed(write_folder(five, seeds=5)))

    assert "Agents are compared from 5 seeds on; here there are 4." in few
    assert "ppo+ewc against ppo" not in few
    # differences of intake are 0.0, 0.2, ... 0.8: the zero has no sign, so of 2^5 signs 4 reach the sum
    assert "ppo+ewc against ppo, n = 5: +0.40 [+0.16, +0.64], p 0.125 (0.125)." in enough
    assert "With 5 seeds no p can be below 0.0625" in enough
    assert "6 seeds could show one" in enough
    assert "ppo+single against" not in enough


@pytest.mark.parametrize("seeds", [1, 2])
def test_scores_and_figure_lie_in_the_folder_and_are_the_same_twice(tmp_path, seeds):
    write_folder(tmp_path, agents=("ppo", "ppo+single"), seeds=seeds)
    console = new_console(file=StringIO())

    conclude(tmp_path, console)
    files = {name: (tmp_path / name).read_bytes() for name in ("scores.csv", "forgetting.png")}
    conclude(tmp_path, console)

    assert_same_files({name: (tmp_path / name).read_bytes() for name in files}, files)
    assert files["scores.csv"].startswith(b"protocol,agent,seed,measure,score,value\npaper,ppo,0,performance,average_")
    picture = imread(tmp_path / "forgetting.png")
    assert np.mean(picture[..., :3] < 0.99) > 0.1
    assert str(tmp_path / "forgetting.png") in console.file.getvalue().replace("\n", "")


def test_the_figure_has_performance_and_intake_of_every_agent_and_of_all(tmp_path):
    figure = comparison_figure(contest_in(write_folder(tmp_path)))

    assert [axes.get_title("left") for axes in figure.axes if axes.get_title("left")] == list(LIVES)
    assert len(figure.axes) == 2 * len(LIVES) + 2
    (course, *_) = (line for line in figure.axes[0].get_lines() if len(line.get_xdata()) == 3)
    assert course.get_xdata().tolist() == [0, 0.5, 1]
    assert course.get_ydata().tolist() == [0.5, 0.7, 0.9]


def test_agents_are_called_as_they_are_planned():
    assert (contest.INTERLEAVED, contest.SINGLE) == (forgetting.INTERLEAVED, forgetting.SINGLE)

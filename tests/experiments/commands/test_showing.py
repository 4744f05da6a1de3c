"""What a person looks at: the window, the movie, the game, the speed table."""

import json
import shutil
import sys
from pathlib import Path

import gymnasium as gym
import numpy as np
import pygame
import pytest
from miniature import SLEEP

from experiments.__main__ import main
from experiments.checks import env_speed
from experiments.commands.showing import showing
from experiments.errors import UserError
from foraging_env import ForageEnv
from foraging_env.files import write_json
from foraging_env.scene import PAPER, Caption, scene
from foraging_env.window import Window
from spiking_agent import SpikingAgent


def forage(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["forage", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code


@pytest.fixture
def saved(tmp_path):
    """A newborn spiking agent, saved."""
    SpikingAgent("Forage-v0", seed=0).save(tmp_path / "newborn.npz")
    return str(tmp_path / "newborn.npz")


def test_a_scene_shows_world_and_panel_in_any_size():
    env = ForageEnv(size=(20, 30))
    env.reset(seed=0)
    for height in (520, 701, 1000):
        picture = scene(env.worlds, Caption("someone", votes=[0, 1, 2, 3, 4, 5, 6, 7], steps=3), height=height)
        assert picture.dtype == np.uint8
        assert picture.shape[0] % 2 == picture.shape[1] % 2 == 0
        cell = max(4, height // 20)
        world, panel = picture[:, : 30 * cell], picture[:, 30 * cell :]
        assert len(np.unique(world.reshape(-1, 3), axis=0)) >= 6  # ground, seen ground, outline, forager, two patterns
        assert 0.02 < (panel != PAPER).any(axis=2).mean() < 0.5


def test_a_window_follows_the_world_and_can_be_resized_and_closed():
    env = gym.make("Forage-v0", render_mode="human", size=(20, 20))
    env.metadata["render_fps"] = 60
    env.reset(seed=0)
    for action in range(8):
        env.step(action)
    pygame.display.set_mode((333, 444), pygame.RESIZABLE)
    env.step(0)
    env.unwrapped.set_task("task2")
    assert env.render() is None
    pygame.event.post(pygame.event.Event(pygame.QUIT))  # the person closes it: life goes on unseen
    for action in range(8):
        env.step(action)
    assert not pygame.display.get_init()
    env.close()


def test_the_forager_glides():
    env = ForageEnv(size=(20, 20))
    env.reset(seed=0)
    env.step(4)
    there, halfway, before = (scene(env.worlds, lag=(0, lag)) for lag in (0.0, 0.5, 1.0))
    assert (there != halfway).any()
    assert (halfway != before).any()


@pytest.mark.parametrize("who", ["full-knowledge", "saved", "folder"])
def test_a_forager_can_be_watched(who, saved, monkeypatch, capsys):
    who = {"saved": saved, "folder": str(Path(saved).parent)}.get(who, who)
    assert forage(monkeypatch, "watch", who, "--steps", "3", "--speed", "60") == 0
    assert "rewarded 0, punished 0" in capsys.readouterr().out


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # imageio's reader of mp4 leaves pipes
@pytest.mark.parametrize("ending", ["gif", "mp4"])
def test_a_movie_has_a_picture_for_every_step(ending, saved, tmp_path, monkeypatch):
    import imageio.v3 as imageio

    out = tmp_path / "films" / f"x.{ending}"
    assert forage(monkeypatch, "movie", saved, "--out", str(out), "--steps", "4", "--height", "520") == 0
    pictures = imageio.imread(out, index=None if ending == "gif" else ...)
    assert len(pictures) == 5
    assert pictures.shape[1:] == (520, 750, 3)


def test_a_person_can_play_and_leave(monkeypatch, capsys):
    keys = iter([["q"], ["[6]", "w"], ["nonsense"], ["up"], ["escape"]])
    monkeypatch.setattr(Window, "keys", lambda self: next(keys))
    assert forage(monkeypatch, "play", "--steps", "9") == 0
    assert "3 steps. You: rewarded" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["watch", "nobody"], "nobody: no saved agent, nor a scripted forager; known ones: random, nearest"),
        (["watch", "random", "--task", "task9"], "unknown task 'task9'; known: task1"),
        (["movie", "random", "--out", "x.avi"], "x.avi: a movie is a .gif or an .mp4"),
        (["watch", __file__], "test_showing.py"),
        (["watch", str(Path(__file__).parent)], "no saved agent"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_message(arguments, text, monkeypatch, capsys):
    assert forage(monkeypatch, *arguments) == 2
    assert text in capsys.readouterr().err


def test_the_speed_report_is_complete(monkeypatch, capsys):
    monkeypatch.setattr(env_speed, "ROUNDS", 3)
    monkeypatch.setattr(env_speed, "STARTS", 1)
    monkeypatch.setattr(env_speed, "_SECONDS_A_ROUND", 0.02)
    assert forage(monkeypatch, "bench", "env", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert {"single", "vector64", "vector1024", "cartpole", "start_seconds"} <= report.keys()
    assert all(report[name] > 0 for name in ("single", "vector64", "vector1024", "cartpole"))


@pytest.fixture
def lived(saved, tmp_path):
    """A folder as forage run leaves it, with agents after two stages of the sleep experiment."""
    out = tmp_path / "run"
    for name in ("unsupervised-0123456789", "T1-0123456789", "T1-T2-abcdefabcd"):
        folder = out / "stages/spiking-seed-0" / name
        folder.mkdir(parents=True)
        if not name.startswith("T1-T2"):
            shutil.copy(saved, folder / "state-02.npz")
    write_json(out / "config.json", {"plans": [SLEEP[0].describe()]})
    return out


@pytest.mark.parametrize(
    ("who", "stage", "name"),
    [
        ("", None, "T1"),
        ("", "unsupervised", "unsupervised"),
        ("stages/spiking-seed-0/T1", None, "T1"),
        ("stages/spiking-seed-0/unsupervised-0123456789", None, "unsupervised"),
    ],
)
def test_a_saved_agent_is_found_as_people_name_it(lived, who, stage, name):
    assert showing(str(lived / who), "task1", 0, stage).name == name


@pytest.mark.parametrize(
    ("who", "stage", "text"),
    [
        ("", "T9", "unknown stage 'T9' of .*; known: unsupervised, T1, T1-T2"),
        ("", "T1-T2", "holds no agent saved after T1-T2; if it was run with --stages"),
        ("stages/spiking-seed-0/T1", "T1", "--stage T1 chooses within a folder of forage run"),
        ("stages/spiking-seed-0/T2", None, "no saved agent, nor a scripted forager"),
    ],
)
def test_what_nobody_saved_is_refused(lived, who, stage, text):
    with pytest.raises(UserError, match=text):
        showing(str(lived / who), "task1", 0, stage)


@pytest.mark.parametrize("command", ["play", "watch random"])
def test_without_a_screen_a_window_is_refused_at_once(monkeypatch, capsys, command):
    monkeypatch.delenv("SDL_VIDEODRIVER")
    monkeypatch.setattr(pygame.display, "get_driver", lambda: "offscreen")

    assert forage(monkeypatch, *command.split()) == 2

    assert capsys.readouterr().err.startswith("forage: no screen to open a window on; forage movie films")

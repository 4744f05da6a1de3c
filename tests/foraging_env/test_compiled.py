"""Machine code kept on disk is always that of the sources as they are."""

import shutil
from pathlib import Path

import numba
import pytest

from foraging_env.core import compiled, world

ROOT = Path(compiled.__file__).parents[2]


@pytest.mark.parametrize("core", ["foraging_env/core/random.py", "spiking_agent/core/network.py"])
def test_an_edit_anywhere_in_a_core_starts_a_fresh_cache(core, tmp_path, monkeypatch):
    for package in ("foraging_env", "spiking_agent"):
        shutil.copytree(ROOT / package / "core", tmp_path / package / "core")
    before = compiled.cache_directory()
    monkeypatch.setattr(compiled, "_PACKAGES", tmp_path)
    assert compiled.cache_directory() == before
    with (tmp_path / core).open("a") as source:
        source.write("\n")
    assert compiled.cache_directory() != before


def test_bounds_checks_have_a_cache_of_their_own(monkeypatch):
    before = compiled.cache_directory()
    monkeypatch.setattr(numba.config, "BOUNDSCHECK", 1)
    assert compiled.cache_directory() != before


def test_other_users_of_numba_keep_their_cache_folder():
    before = numba.config.CACHE_DIR
    compiled.entry_point(lambda x: x)
    assert before == numba.config.CACHE_DIR


def test_what_only_kernels_may_call_says_so_to_python():
    with pytest.raises(TypeError, match="step_one is compiled into other kernels only; call one of them"):
        world.step_one()

"""Machine code kept on disk is always that of the sources as they are, and nothing needs it."""

import ast
import errno
import importlib
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numba
import numpy as np
import pytest
from numba.core import caching

from baselines.remedies import spiking_replay
from baselines.scripted import planning
from foraging_env.core import compiled, world
from spiking_agent.core import life, neurons, response

ROOT = Path(compiled.__file__).parents[2]
ADDED = 1
SMALL = """
from foraging_env.core.compiled import entry_point
from helper import grown

@entry_point
def work(x):
    return grown(x)
"""
HELPER = """
from foraging_env.core.compiled import kernel

@kernel
def grown(x):
    return x + 100
"""


def added(x):
    return x + ADDED


def start(function=added, argument=1):
    """What a new process would do: the result, and whether the machine code came from the disk."""
    dispatcher = compiled.entry_point(function)
    result = dispatcher(argument)
    hits, misses = (sum(counts.values()) for counts in (dispatcher.stats.cache_hits, dispatcher.stats.cache_misses))
    assert hits + misses == 1
    return result, hits == 1


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def refuse(error):
    def call(*arguments, **options):
        raise error

    return call


@pytest.fixture(autouse=True)
def nothing_said_yet(monkeypatch):
    monkeypatch.setattr(compiled, "_warned", set())


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """An empty folder for compiled kernels."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kernels"))
    return tmp_path / "kernels"


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


def test_what_an_editor_leaves_beside_a_source_is_no_source(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "foraging_env" / "core", tmp_path / "foraging_env" / "core")
    monkeypatch.setattr(compiled, "_PACKAGES", tmp_path)
    before = compiled.cache_directory()
    (tmp_path / "foraging_env" / "core" / ".#world.py").symlink_to("somebody@somewhere.1234")
    assert compiled.cache_directory() == before


@pytest.mark.parametrize(
    ("setting", "value"), [("BOUNDSCHECK", 1), ("OPT", 0), ("LOOP_VECTORIZE", 0), ("DEBUGINFO_DEFAULT", 1)]
)
def test_settings_of_numba_that_change_machine_code_have_a_cache_of_their_own(setting, value, monkeypatch):
    before = compiled.cache_directory()
    assert hasattr(numba.config, setting)
    monkeypatch.setattr(numba.config, setting, value)
    assert compiled.cache_directory() != before


def test_other_users_of_numba_keep_their_cache_folder():
    before = numba.config.CACHE_DIR
    compiled.entry_point(lambda x: x)
    assert before == numba.config.CACHE_DIR


def test_what_only_kernels_may_call_says_so_to_python():
    with pytest.raises(TypeError, match="step_one is compiled into other kernels only; call one of them"):
        world.step_one()


def test_the_second_start_compiles_nothing(cache):
    assert start() == (2, False)
    assert start() == (2, True)
    assert start(argument=1.5) == (2.5, False)
    assert start(argument=1.5) == (2.5, True)
    assert {path.suffix for path in files(cache)} == {".nbc"}


def test_numba_asks_for_nothing_that_the_cache_lacks():
    tree = ast.parse(Path(numba.core.dispatcher.__file__).read_text(encoding="utf-8"))
    asked = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "_cache"
    }
    assert {"load_overload", "save_overload"} <= asked
    assert asked | set(caching._Cache.__abstractmethods__) <= set(dir(compiled.KernelCache))


def swap_content(data):
    return data[:32] + b"\x80\x05N."


DAMAGES = {
    "empty": lambda data: b"",
    "cut off": lambda data: data[: len(data) // 2],
    "one byte short": lambda data: data[:-1],
    "garbage": lambda data: b"garbage" * 1000,
    "one bit in the machine code": lambda data: data[:2000] + bytes([data[2000] ^ 4]) + data[2001:],
    "another checksum": lambda data: bytes(32) + data[32:],
    "another content": swap_content,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_compiled_anew_and_replaced_and_said_once(damage, cache):
    start()
    (path,) = files(cache)
    whole = path.read_bytes()
    assert len(whole) > 4000
    path.write_bytes(damage(whole))
    with pytest.warns(RuntimeWarning, match="could not be used .*: it was compiled anew and replaced") as said:
        assert start() == (2, False)
    assert len(said) == 1
    assert str(path) in str(said[0].message)
    assert start() == (2, True)


@pytest.mark.parametrize("content", [b"no pickle", b"cos\nnothing_there\n.", b"\x80\x05N."], ids=range(3))
def test_a_file_that_cannot_be_read_back_is_replaced_though_its_checksum_is_right(content, cache):
    dispatcher = compiled.entry_point(added)
    dispatcher(1)
    signature = (numba.int64,)
    path, key = dispatcher._cache._place(signature, dispatcher.targetctx)
    assert path.exists()
    path.write_bytes(compiled.hashlib.sha256(key + content).digest() + content)
    with pytest.warns(RuntimeWarning, match="could not be used"):
        assert start() == (2, False)
    assert start() == (2, True)


def test_the_file_of_another_function_under_this_name_is_not_run(cache):
    start()
    (own,) = files(cache)
    start(function=doubled)
    (other,) = set(files(cache)) - {own}
    shutil.copy(other, own)
    with pytest.warns(RuntimeWarning, match="checksum is wrong"):
        assert start() == (2, False)


def doubled(x):
    return 2 * x


def unusable(kind, cache, monkeypatch):
    """Spoil the folder; what the warning must name."""
    if kind == "a file in its place":
        cache.write_text("")
    elif kind == "a file in the place of its parent":
        cache.write_text("")
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(cache / "deeper"))
    elif kind == "a folder in the place of a file":
        start()
        (path,) = files(cache)
        path.unlink()
        (path / "inside").mkdir(parents=True)
    elif kind == "full":
        monkeypatch.setattr(Path, "write_bytes", refuse(OSError(errno.ENOSPC, "No space left on device")))
    elif kind == "not ours":
        cache.mkdir()
        monkeypatch.setattr(Path, "mkdir", refuse(PermissionError(errno.EACCES, "Permission denied")))
    elif kind == "no home":
        monkeypatch.delenv("NUMBA_CACHE_DIR")
        monkeypatch.setattr(compiled.platformdirs, "user_cache_dir", lambda *a, **k: "~/.cache/forage")
    elif kind == "no sources":
        monkeypatch.setattr(compiled, "_PACKAGES", cache)
    elif kind == "numba has changed":
        monkeypatch.delattr(compiled.CompileResult, "_reduce")


UNUSABLE = {
    "a file in its place": "Not a directory|File exists",
    "a file in the place of its parent": "Not a directory",
    "a folder in the place of a file": "Is a directory",
    "full": "No space left on device",
    "not ours": "Permission denied",
    "no home": "no home folder",
    "no sources": "no sources",
    "numba has changed": "_reduce",
}


@pytest.mark.skipif(sys.platform == "win32", reason="other words for the same errors")
@pytest.mark.parametrize(("kind", "reason"), UNUSABLE.items(), ids=UNUSABLE)
def test_without_a_usable_folder_everything_is_compiled_in_memory_and_said_once(kind, reason, cache, monkeypatch):
    unusable(kind, cache, monkeypatch)
    with pytest.warns(RuntimeWarning, match=f"cannot be kept.*({reason}).*set NUMBA_CACHE_DIR to a folder") as said:
        results = [start(), start(), start(function=doubled)]
    assert results == [(2, False)] * 3
    assert len(said) == 1
    assert not any("tmp" in path.name for path in files(cache))


def test_a_folder_that_can_only_be_read_is_used_in_silence(cache, monkeypatch):
    start()
    for module, name in ((os, "replace"), (Path, "mkdir"), (Path, "write_bytes")):
        monkeypatch.setattr(module, name, refuse(PermissionError(errno.EACCES, "Permission denied")))
    assert start() == (2, True)


def test_nothing_is_said_if_another_process_has_written_the_file_meanwhile(cache, monkeypatch):
    start()
    (path,) = files(cache)
    whole = path.read_bytes()
    path.unlink()

    def too_late(draft, final):
        path.write_bytes(whole)
        raise PermissionError(errno.EACCES, "the file is in use")

    monkeypatch.setattr(os, "replace", too_late)
    assert start() == (2, False)
    assert start() == (2, True)
    assert files(cache) == [path]


def test_a_folder_that_is_removed_meanwhile_is_made_again(cache):
    start()
    shutil.rmtree(cache)
    assert start() == (2, False)
    assert start() == (2, True)


def test_a_relative_folder_stays_where_it_was_when_the_process_began(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", "kernels")
    monkeypatch.setattr(compiled, "_STARTED_IN", tmp_path / "began")
    (tmp_path / "went").mkdir()
    monkeypatch.chdir(tmp_path / "went")
    start()
    assert len(files(tmp_path / "began" / "kernels")) == 1
    assert not files(tmp_path / "went")


def test_compiling_anew_forgets_what_was_kept(cache):
    dispatcher = compiled.entry_point(added)
    dispatcher(1)
    dispatcher.recompile()
    assert sum(dispatcher.stats.cache_misses.values()) == 2
    assert start() == (2, True)


def test_a_constant_that_was_changed_in_memory_neither_finds_old_code_nor_leaves_its_own_behind(cache, monkeypatch):
    start()
    with monkeypatch.context() as patch:
        patch.setattr(sys.modules[__name__], "ADDED", 10)
        assert start() == (11, False)
    assert start() == (2, True)


def test_values_that_a_closure_holds_are_never_kept(cache):
    def adding(amount):
        return lambda x: x + amount

    assert start(function=adding(1)) == (2, False)
    assert start(function=adding(2)) == (3, False)
    assert not files(cache)


def test_an_edit_of_another_file_than_the_entry_points_is_noticed(cache, tmp_path, monkeypatch):
    # Of the same length, with the time of the file put back, and outside of the cores.
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / "small.py").write_text(SMALL)
    helper = tmp_path / "helper.py"
    results = []
    for text in (HELPER, HELPER, HELPER.replace("100", "200"), HELPER):
        helper.write_text(text)
        os.utime(helper, (1, 1))
        for name in ("small", "helper"):
            sys.modules.pop(name, None)
        work = importlib.import_module("small").work
        results.append((work(1), sum(work.stats.cache_hits.values())))
    assert results == [(101, 0), (101, 1), (201, 0), (101, 1)]
    for name in ("small", "helper"):
        sys.modules.pop(name)


ENTRY_POINTS = {
    f"{module.__name__}.{name}": value
    for module in (world, life, neurons, response, planning, spiking_replay)
    for name, value in vars(module).items()
    if isinstance(getattr(value, "_cache", None), compiled.KernelCache) and value.__module__ == module.__name__
}


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_no_entry_point_is_known_by_an_address(name):
    made_of = list(compiled._ingredients(ENTRY_POINTS[name].py_func, set()))
    assert len(made_of) > 1
    assert not [text for text in made_of if " at 0x" in text]


@pytest.mark.parametrize(
    ("module", "entry_point", "constant"),
    [
        (world, "foraging_env.core.world.build", "_RESTARTS"),
        (world, "foraging_env.core.world.step", "_HALO"),
        (planning, "baselines.scripted.planning.plan", "N_MOVES"),
        (world, "baselines.scripted.planning.plan", "SECOND_ROW"),
    ],
    ids=str,
)
def test_constants_far_below_an_entry_point_belong_to_it(module, entry_point, constant, monkeypatch):
    before = list(compiled._ingredients(ENTRY_POINTS[entry_point].py_func, set()))
    monkeypatch.setattr(module, constant, (np.uint64(99),))
    assert list(compiled._ingredients(ENTRY_POINTS[entry_point].py_func, set())) != before


def run(program, cache, **environment):
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program],
        env=os.environ | {"NUMBA_CACHE_DIR": str(cache)} | environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_eight_processes_may_start_at_once_with_an_empty_cache(cache, tmp_path):
    for name, text in (("small", SMALL), ("helper", HELPER)):
        (tmp_path / f"{name}.py").write_text(text)
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import small; print(small.work(1))"
    started = [run(program, cache, PYTHONHASHSEED=str(seed)) for seed in range(8)]
    for process in started:
        out, err = process.communicate()
        assert (out, err, process.returncode) == ("101\n", "", 0)
    assert len(files(cache)) == 1  # all of them know it by the same name, and leave no drafts
    program += "; print(sum(small.work.stats.cache_hits.values()))"
    assert run(program, cache).communicate()[0] == "101\n1\n"


def test_a_disk_that_fills_up_while_a_file_is_written_leaves_no_part_of_it(cache):
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))
    try:
        with pytest.warns(RuntimeWarning, match="cannot be kept in .* .File too large.: they are compiled anew"):
            result = start()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert result == (2, False)
    assert not files(cache)


def test_a_file_that_may_not_be_read_is_replaced(cache, monkeypatch):
    start()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refuse(PermissionError(errno.EACCES, "Permission denied")))
        with pytest.warns(RuntimeWarning, match="could not be used .Permission denied."):
            assert start() == (2, False)
    assert start() == (2, True)


def test_the_environment_itself_starts_in_silence_where_all_is_well(cache):
    program = (
        "import gymnasium as gym, foraging_env; from foraging_env.core import world\n"
        "env = gym.make('Forage-v0'); env.reset(seed=0); env.step(0)\n"
        "print([sum(k.stats.cache_hits.values()) for k in (world.build, world.step)])"
    )
    for expected in ("[0, 0]\n", "[1, 1]\n"):
        out, err = run(program, cache).communicate()
        assert (out, err) == (expected, "")


def test_a_failed_warning_leaves_the_function_compiled(cache):
    cache.write_text("")
    dispatcher = compiled.entry_point(added)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning, match="cannot be kept"):
            dispatcher(1)
        assert dispatcher(1) == 2

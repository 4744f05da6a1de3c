"""A user's agent is known by all of the source that it is written in, and by nothing else."""

import os
import sys

import pytest

from experiments.errors import UserError
from experiments.learners.own_source import digest_of, make_of


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Writes modules into a folder that can be imported from, and forgets those of before."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def write(**files: str) -> None:
        for name, text in files.items():
            path = tmp_path / f"{name}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        for name in [name for name in sys.modules if name.partition(".")[0] in ("mine", "deco", "near", "far", "kit")]:
            del sys.modules[name]

    return write


DECO = """import functools
def timed(f):
    @functools.wraps(f)
    def inner(*a): return f(*a)
    return inner
"""
MAKES = {
    "a function": "def make(worlds, seed): return {n}\n",
    "decorated elsewhere": "from deco import timed\n@timed\ndef make(worlds, seed): return {n}\n",
    "a partial": "import functools\ndef build(worlds, seed, n): return n\nmake = functools.partial(build, n={n})\n",
    "an object": "class Maker:\n    def __call__(self, worlds, seed): return {n}\nmake = Maker()\n",
    "a partial of decorated": "import functools\nfrom deco import timed\n@timed\ndef build(worlds, seed): return {n}\n"
    "make = functools.partial(build)\n",
}


@pytest.mark.parametrize("text", MAKES.values(), ids=MAKES)
def test_an_edited_agent_is_another_however_make_is_wrapped(written, text):
    digests = []
    for n in (4, 8, 4):
        written(mine=text.format(n=n), deco=DECO)
        assert make_of("mine:make")(None, 0) == n
        digests.append(digest_of("mine:make"))

    assert digests[0] == digests[2] != digests[1]


def test_what_it_imports_from_beside_it_counts_wherever_it_does(written):
    mine = "def make(worlds, seed):\n    from near import part\n    return part()\n"
    digests = set()
    for near, far in (("1", "1"), ("2", "1"), ("2", "2"), ("2", "2")):
        written(
            mine=mine, near=f"import far\ndef part(): return {near} + far.X\n", far=f"X = {far}\n", kit="unused = 1\n"
        )
        digests.add(digest_of("mine:make"))

    assert len(digests) == 3

    written(kit="unused = 2\n")
    assert digest_of("mine:make") in digests


def test_all_of_its_package_counts(written):
    digests = set()
    for text in ("x = 1", "x = 2"):
        written(**{"kit/__init__": "", "kit/agents": "def make(worlds, seed): return 1\n", "kit/data": text})
        digests.add(digest_of("kit.agents:make"))

    assert len(digests) == 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("raise RuntimeError('no licence')", "RuntimeError: no licence"),
        ("def make(worlds, seed) return 1", "SyntaxError"),
        ("import sys; sys.exit('not today')", "SystemExit: not today"),
        ("import no_such_package_at_all", "No module named 'no_such_package_at_all'"),
    ],
)
def test_a_module_that_cannot_be_imported_is_refused_whatever_it_raises(written, text, reason):
    written(mine=text)

    with pytest.raises(UserError, match=f"agent 'mine:make': mine cannot be imported .*{reason}"):
        make_of("mine:make")


def test_a_module_that_moves_elsewhere_does_not_take_us_along(written, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written(mine="import os\nos.chdir('/')\ndef make(worlds, seed): return 1\n")

    make_of("mine:make")

    assert os.getcwd() == str(tmp_path)

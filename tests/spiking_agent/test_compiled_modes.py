"""The kernels give the same bits interpreted, and stay within their arrays."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from tests.spiking_agent.few_cycles import PARTS, answers, live_a_little, subjects

ROOT = Path(__file__).parents[2]


def run_few_cycles(switch, *arguments):
    command = [sys.executable, "-m", "tests.spiking_agent.few_cycles", *map(str, arguments)]
    done = subprocess.run(
        command, env=os.environ | {switch: "1"}, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_compiled_and_interpreted_give_the_same_bits(tmp_path):
    brains = subjects()
    begin = {f"{engine}/{part}": getattr(brain, part) for engine, brain in brains.items() for part in PARTS}
    np.savez(tmp_path / "begin.npz", **{name: np.asarray(array) for name, array in begin.items()})

    run_few_cycles("NUMBA_DISABLE_JIT", "interpreted", tmp_path / "begin.npz", tmp_path / "end.npz")

    with np.load(tmp_path / "end.npz") as interpreted:
        for engine, brain in brains.items():
            compiled = live_a_little(brain, 3 if engine == "fast" else 1)
            assert brain.net[0].rate_out.any()  # it did fire
            for name, array in compiled.items():
                np.testing.assert_array_equal(interpreted[f"{engine}/{name}"], array, err_msg=f"{name}, {engine}")
        np.testing.assert_array_equal(interpreted["answers"], answers(brains["fast"].table[0]))


def test_no_kernel_reaches_beyond_its_arrays():
    run_few_cycles("NUMBA_BOUNDSCHECK", "bounds")

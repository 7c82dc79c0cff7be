"""Threads and parts of a profile: from the kernel's counts and py-spy's lines to shares."""

from __future__ import annotations

import os
import threading

import pytest

from benchmarks.profile import cpu_seconds, part, read_samples, shares

RAW = """\
process 7;thread (11): encode_0;run (/x/threading.py:9);attend (/x/models/encoding/layers.py:5) 6
process 7;thread (12): encode_1;run (/x/threading.py:9);tokenise (/x/models/encoding/encoder.py:5) 2
process 7;thread (13): MainThread;select (/usr/lib/selectors.py:5) 4
process 7;thread (13): MainThread;write (/x/tables/base.py:1);put (/x/rocksdict/rdict.py:2) 4
a line of another kind
"""


def test_the_innermost_frame_that_is_known_names_the_part() -> None:
    assert part(["a (/x/agents/jobs.py:1)", "b (/x/models/vetting/gate.py:2)"]) == (
        "read and vet texts"
    )
    assert part(["a (/x/agents/jobs.py:1)", "b (/usr/lib/re.py:2)"]) == "agents and runtime"
    assert part(["b (/usr/lib/re.py:2)"]) == part([]) == "other"


def test_cpu_time_goes_to_parts_by_samples_and_adds_up() -> None:
    samples, names = read_samples(RAW)
    assert names == {"11": "encode_0", "12": "encode_1", "13": "MainThread"}
    before = {"11": ("python", 1.0), "13": ("python", 0.0)}
    after = {
        "11": ("python", 4.0),
        "12": ("python", 3.0),
        "13": ("python", 2.0),
        "14": ("rocksdb:low", 2.0),
    }
    rows = {(thread, what): share for thread, what, share in shares(before, after, samples, names)}
    assert rows == {
        ("encode", "forward pass"): pytest.approx(0.3),
        ("encode", "tokens and batches"): pytest.approx(0.3),
        ("MainThread", "event loop"): pytest.approx(0.1),
        ("MainThread", "tables and RocksDB"): pytest.approx(0.1),
        ("rocksdb:low", "native"): pytest.approx(0.2),
    }


def test_the_kernel_counts_every_thread() -> None:
    found = cpu_seconds(os.getpid())
    assert str(threading.get_native_id()) in found
    assert sum(seconds for _, seconds in found.values()) > 0

"""Compiling in a second process: in order, never longer than it takes, and gone when the first one is."""

import gc
import io
import pickle
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from forecast import compiling
from forecast.compiling import Ahead
from tests.worlds import attacks, counts_spec, snapshot

SPEC = counts_spec()
KNOWN = snapshot(attacks(seed=1))


def test_all_but_what_the_first_process_compiles_is_compiled_in_order_and_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [SPEC, replace(SPEC, name="same"), replace(SPEC, name="blunt", covariates=()), replace(SPEC, name="like")]
    compiled: list[str] = []
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(pickle.dumps((given, KNOWN)))))
    monkeypatch.setattr(compiling, "_end_with_it", lambda: None)
    monkeypatch.setattr(compiling.compiled, "program", lambda _, key: compiled.append(key))
    compiling.main()
    assert capsys.readouterr().out.splitlines() == ["same", "blunt", "like"]
    assert len(compiled) == 1
    assert compiled[0].endswith("[])")


def test_who_waits_for_a_process_that_gave_up_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[bytes] = []
    ahead = Ahead([SPEC, replace(SPEC, name="stars", family="astrology")], KNOWN)
    done = ahead._done
    monkeypatch.setattr(ahead, "_done", SimpleNamespace(readline=lambda: lines.append(done.readline()) or lines[-1]))
    ahead.wait("strikes")
    ahead.wait("what nobody compiles")
    assert lines == []
    for _ in range(2):
        ahead.wait("stars")
        assert lines == [b""]  # it ended without a word, which is asked for once


def test_nothing_is_begun_for_nothing_and_what_was_begun_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    class Watched(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **named: Any) -> None:
            super().__init__(*args, **named)
            begun.append(self)

    monkeypatch.setattr(compiling.subprocess, "Popen", Watched)
    Ahead([], KNOWN).wait("strikes")
    Ahead([SPEC], KNOWN).wait("strikes")
    assert not begun
    ahead = Ahead([SPEC, replace(SPEC, name="others")], KNOWN)
    assert [child.returncode for child in begun] == [None]
    del ahead
    gc.collect()
    assert begun[0].returncode

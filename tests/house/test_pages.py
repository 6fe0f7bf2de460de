"""The pages of docs/ tell what is true."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from .codes import raised
from .pages import PAGES
from .test_house import ROOT

LINK = re.compile(r"\]\(([^)#:]+)\)")


@pytest.mark.parametrize("place", PAGES)
def test_a_page_made_from_the_sources_is_fresh(place):
    """What `make docs` would write is what stands there."""
    said = (ROOT / place).read_text(encoding="utf-8")

    assert said == PAGES[place](ROOT), "make docs"


@pytest.mark.parametrize("code", ["KEY_MISSING", "TABLE_CHANGED", "FIELD_MISSING"])
def test_a_code_that_a_helper_makes_a_failure_of_has_its_kind(code):
    """`self._wrong.drift("KEY_MISSING", ...)` gives a Drifted, wherever the helper stands."""
    assert {"Drifted"} == {item.kind for item in raised(ROOT) if item.code == code}


@pytest.mark.parametrize("place", ["README.md", "README.zh-CN.md", "CHANGELOG.md"])
def test_links_lead_somewhere(place):
    """Every file that a page links to is there."""
    links = LINK.findall((ROOT / place).read_text(encoding="utf-8"))

    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_help_is_cheap(language):
    """`clerkwork --help` lists every command in less than 0.3 s of CPU."""
    from clerkwork.cli import COMMANDS

    taken_s = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [Path(sys.executable).with_name("clerkwork"), "--help"],
            env={"CLERKWORK_LANG": language, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken_s.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    assert min(taken_s) < 0.3
    for name, texts in COMMANDS.items():
        assert name in done.stdout
        assert texts[0 if language == "en" else 1] in " ".join(done.stdout.split())

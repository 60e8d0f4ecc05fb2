"""What a suite cannot do without."""

import os
import pathlib
import shutil

import pytest

from peers.node import binary


def missing(what):
    """A part that is not there is a failure where it must be (CI), and a skip that names it elsewhere."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"missing part: {what}", pytrace=False)
    pytest.skip(f"missing part: {what}")


def need(*wanted):
    """Programs and files."""
    for part in wanted:
        if shutil.which(part) is None and not pathlib.Path(part).exists():
            missing(part)


def need_sallyport():
    if binary() is None:
        missing("the sallyport binary (SALLYPORT_BINARY)")

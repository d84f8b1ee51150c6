"""The bundle that is looked at: its documents and tables, read and never written.

It knows the files of a bundle, and that a name in one of them may lead nowhere else. What a
person or a model wrote is shown as plain text, whatever it looks like.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import streamlit as st

from eval.publish import MANIFEST

Told = dict[str, Any]
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])")


def bundle() -> Path:
    """Return the folder that the command was given."""
    folder = Path(sys.argv[-1])
    if not (folder / MANIFEST).is_file():
        st.error("There is no bundle here. Start the viewer with: python -m eval view DIR")
        st.stop()
    return folder


def manifest() -> Told:
    """Return what the bundle holds."""
    return json.loads((bundle() / MANIFEST).read_text(encoding="utf-8"))


def document(slug: str) -> Told:
    """Return the document of a run or a comparison."""
    return json.loads(inside(f"data/{slug}.json").read_text(encoding="utf-8"))


def samples(slug: str) -> Any:  # noqa: ANN401  pandas' own types say less than they should
    """Return every sample of a run as a data frame."""
    import pyarrow.parquet as pq

    return pq.read_table(inside(f"data/{slug}.parquet")).to_pandas()


def inside(name: str) -> Path:
    """Return a file of the bundle; a name that leads out of it is refused."""
    folder = bundle().resolve()
    file = (folder / name).resolve()
    if not file.is_relative_to(folder) or not file.is_file():
        st.error(f"The bundle has no file {plain(name)}. Publish it again.")
        st.stop()
    return file


def chosen(told: Told, label: str = "Run") -> Told:
    """Let one of the runs be chosen, and return its document."""
    names = {run["slug"]: run["name"] for run in told["runs"]}
    slug = st.selectbox(label, list(names), format_func=lambda each: names[each])
    return document(slug or next(iter(names)))


def plain(text: object) -> str:
    """Return text that Markdown leaves as it is."""
    return _MARKDOWN.sub(r"\\\1", str(text)).replace("\n", " ")


def picture(name: str) -> None:
    """Show a chart of the bundle, where there is one."""
    file = bundle() / "charts" / f"{name}.png"
    if file.is_file():
        st.image(inside(f"charts/{name}.png").read_bytes())

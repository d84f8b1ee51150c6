"""The first page: every run with its pass rate, every comparison with its verdict."""

import streamlit as st

from eval.published.documents import interval, sentence, share
from eval.viewer.opened import document, manifest, picture, plain

told = manifest()
runs = [document(run["slug"]) for run in told["runs"]]

st.title(plain(told["title"]))
st.write(plain(f"{len(runs)} runs, published {told['published']}."))
picture("overview")
st.dataframe(
    [
        {
            "run": run["name"],
            "suite": run["suite"],
            "method": run["method"],
            "model": run["model"],
            "right": share(run["report"].get("passed")),
            "interval": interval(run["report"].get("passed")),
            "from": run["origin"]["kind"],
        }
        for run in runs
    ],
    hide_index=True,
)
for run in runs:
    st.write(plain(sentence(run)))
if told["comparisons"]:
    st.header("Comparisons")
for each in told["comparisons"]:
    st.write(plain(each["sentence"]))
picture("trade")

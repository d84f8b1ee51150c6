"""The viewer's entrance: which pages there are. Started by `python -m eval view DIR`."""

import streamlit as st

from eval.viewer.opened import manifest

PAGES = (
    ("overview", "Overview"),
    ("runs", "Runs"),
    ("samples", "Samples"),
    ("compared", "Comparisons"),
    ("origin", "Where it is from"),
)

st.set_page_config(page_title=manifest()["title"], layout="wide")
st.navigation([st.Page(f"{name}.py", title=title) for name, title in PAGES]).run()

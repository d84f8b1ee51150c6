"""The page of where everything is from: settings, versions, machine, and the hash of each file."""

import streamlit as st

from eval.viewer.opened import chosen, manifest

told = manifest()
st.title("Where it is from")
run = chosen(told)
st.text(run["origin"]["said"])
st.subheader("Configuration")
st.json(run["config"])
st.subheader("Settings, versions, machine")
st.json(run["provenance"])
st.subheader("Files")
st.dataframe(
    [{"file": name, **each} for name, each in told["files"].items()],
    hide_index=True,
)

"""The page of samples: searched, filtered, and one of them whole."""

import streamlit as st

from eval.viewer.opened import chosen, manifest, plain, samples

MOST = 1_000
LISTED = ["position", "outcome", "kind", "item", "question", "answer", "seconds"]

run = chosen(manifest())
st.title("Samples")
table = samples(run["slug"])
words = st.text_input("Search questions and answers").strip().lower()
outcomes = st.multiselect("Outcome", sorted(table["outcome"].unique()))
if outcomes:
    table = table[table["outcome"].isin(outcomes)]
if words:
    text = table["question"] + "\n" + table["answer"] + "\n" + table["item"]
    table = table[text.str.lower().str.contains(words, regex=False)]
st.caption(f"{len(table):,} samples")
st.dataframe(table[LISTED].head(MOST), hide_index=True)
if len(table):
    place = st.selectbox("Sample", table["item"].head(MOST).tolist())
    one = table[table["item"] == place].iloc[0]
    for title in ("question", "answer", "quote", "reasoning", "reason", "error", "error_text"):
        if one[title]:
            st.subheader(title.replace("_", " ").capitalize())
            st.code(one[title], language=None, wrap_lines=True)
    st.subheader("Accepted answers")
    st.code("\n".join(one["references"]) or "none", language=None, wrap_lines=True)
    if "marks" in one and len(one["marks"]):
        st.subheader("Supported by the evidence")
        st.dataframe(list(one["marks"]), hide_index=True)
    st.subheader("Scores")
    st.dataframe(list(one["scores"]), hide_index=True)
    for piece in one["evidence"]:
        place = f"{piece['path']}:{piece['start']}-{piece['end']}"
        with st.expander(plain(f"Evidence {piece['n']} · {place}")):
            st.code(piece["text"], language=None, wrap_lines=True)

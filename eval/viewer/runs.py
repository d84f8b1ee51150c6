"""The page of a run: figures with their intervals, kinds of question, times."""

import streamlit as st

from eval.published.documents import cards, interval, sentence, share
from eval.viewer.opened import chosen, manifest, picture, plain

ABREAST = 4

run = chosen(manifest())
st.header(plain(sentence(run)))
st.caption(plain(f"{run['method']} on {run['suite']} · {run['origin']['said']}"))
figures = cards(run)
for start in range(0, len(figures), ABREAST):
    columns = st.columns(ABREAST)
    for column, card in zip(columns, figures[start : start + ABREAST], strict=False):
        column.metric(plain(card["label"]), card["figure"])
        column.caption(plain(card["below"]))
picture(f"{run['slug']}-kinds")
kinds = run["report"].get("kinds", {})
if kinds:
    st.header("By kind of question")
    st.dataframe(
        [
            {
                "kind": name,
                "right": share(figure),
                "interval": interval(figure),
                "judged": figure["n"] if figure else 0,
            }
            for name, figure in kinds.items()
        ],
        hide_index=True,
    )
picture(f"{run['slug']}-times")

"""The page of comparisons: the verdict first, then the differences and the flipped samples."""

import streamlit as st

from core.measure.verdict import amount, chance
from eval.published.comparisons import GROUPS
from eval.viewer.opened import document, manifest, picture, plain

told = manifest()
if not told["comparisons"]:
    st.title("No comparison")
    st.write("No two runs of this bundle asked the same questions.")
    st.stop()
slugs = [each["slug"] for each in told["comparisons"]]
found = document(st.selectbox("Comparison", slugs) or slugs[0])
st.header(plain(found["sentence"]))
st.caption(
    plain(f"{found['first']['name']} and {found['second']['name']}, {found['samples']:,} samples")
)
picture(f"{found['slug']}-deltas")
st.dataframe(
    [
        {
            "measure": row["title"],
            "difference": amount(row["paired"]["delta"]["mean"], row["unit"], signed=True),
            "from": amount(row["paired"]["delta"]["low"], row["unit"], signed=True),
            "to": amount(row["paired"]["delta"]["high"], row["unit"], signed=True),
            "test": row["paired"]["test"],
            "chance": chance(row["paired"]["holm"] or row["paired"]["p"]),
            "samples": row["paired"]["n"],
        }
        for row in found["rows"]
        if row["paired"]
    ],
    hide_index=True,
)
for group, title in GROUPS:
    st.header(f"{title}: {len(found[group]):,}")
    for flip in found["flips"][group]:
        with st.expander(plain(f"{flip['item']} · {flip['question']}")):
            for side in ("first", "second"):
                st.caption(plain(f"{found[side]['name']}: {flip[side]['outcome']}"))
                st.code(flip[side]["answer"], language=None, wrap_lines=True)
            st.caption(plain(flip["told"]))

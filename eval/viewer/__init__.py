"""A viewer of published bundles, in Streamlit; the only place that imports it."""

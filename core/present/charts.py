"""The one look of all charts: type, colours and grid of a plotly figure, from the design tokens.

It knows tokens and plotly's names for them. It does not know what a chart shows.
"""

from typing import Any

from core.present.tokens import colours

# Told apart by people with any colour vision, in this order; the mark differs with the colour.
SERIES = {
    "light": ("#2F5D8C", "#B23A1E", "#1A6F6A", "#8A5A00", "#6B4E9B"),
    "dark": ("#8FB8E6", "#FF8A6B", "#5FC9BF", "#E8B04B", "#C3A6F0"),
}
MARKS = ("circle", "square", "diamond", "triangle-up", "cross")
TEXT = "Inter, system-ui, sans-serif"
HEADING = "Instrument Serif, Georgia, serif"


def layout(title: str, palette: str, scheme: str) -> dict[str, Any]:
    """Return a plotly layout in a palette; axes get their titles from whoever draws them."""
    token = colours()[palette, scheme]
    axis = {
        "gridcolor": token["line"],
        "linecolor": token["line-strong"],
        "zeroline": False,
        "tickfont": {"size": 12, "color": token["quiet"]},
        "title": {"font": {"size": 13, "color": token["quiet"]}, "standoff": 8},
    }
    return {
        "title": {
            "text": title,
            "font": {"family": HEADING, "size": 22, "color": token["ink"]},
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 4},
        },
        "font": {"family": TEXT, "size": 13, "color": token["ink"]},
        "paper_bgcolor": token["paper"],
        "plot_bgcolor": token["paper"],
        "margin": {"l": 28, "r": 4, "t": 48, "b": 40},
        "xaxis": {**axis, "showgrid": False},
        "yaxis": axis,
        "hoverlabel": {
            "bgcolor": token["ink"],
            "bordercolor": token["ink"],
            "font": {"family": TEXT, "size": 13, "color": token["paper"]},
        },
        "legend": {"orientation": "h", "x": 0, "y": -0.16, "font": {"color": token["ink"]}},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": token["quiet"]},
    }

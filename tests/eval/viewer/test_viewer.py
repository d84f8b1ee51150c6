"""The viewer over a real bundle: every page opens, shows its figures, and writes nothing."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from eval import publish
from eval.viewer import command, opened
from tests.eval import _runs

PAGES = sorted(path.name for path in command.SCRIPT.parent.glob("*.py"))
SCREENS = ("overview", "runs", "samples", "compared", "origin")
MARKED = "*bold* ![x](http://evil.test/x.png) <b>"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = _runs.Kept(tmp_path_factory.mktemp("store"))
    first = _runs.samples(("correct", "wrong", "refused", "error") * 3)
    second = [_runs.answered(n, MARKED if n == 1 else f"Other {n}") for n in range(12)]
    kept.keep(_runs.run("naive run", "naive"), first)
    kept.keep(_runs.run("rag run"), second)
    sources = [publish.gather(kept, name) for name in ("naive run", "rag run")]
    made = publish.publish(sources, tmp_path_factory.mktemp("bundle") / "out", "What we measured")
    kept.store.close()
    return made


@pytest.fixture
def arguments(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(sys, "argv", ["home.py", str(bundle)])
    yield bundle


def page(name: str) -> AppTest:
    made = AppTest.from_file(str(command.SCRIPT.with_name(f"{name}.py")), default_timeout=60)
    return made.run()


def words(app: AppTest) -> str:
    kinds = ("title", "header", "subheader", "markdown", "caption", "text", "code")
    return "\n".join(str(each.value) for kind in kinds for each in app.get(kind)).replace("\\", "")


@pytest.mark.parametrize("name", SCREENS)
def test_every_page_opens(name: str, arguments: Path):
    before = {each: each.read_bytes() for each in publish.files(arguments)}
    app = page(name)
    assert not app.exception and not app.error
    assert app.title or app.header
    assert {each: each.read_bytes() for each in publish.files(arguments)} == before


def test_the_entrance_opens_the_first_page(arguments: Path):
    app = page("home")
    assert not app.exception
    assert "What we measured" in words(app) and "rag run is better by" in words(app)


def test_a_run_is_chosen_and_told_with_its_interval(arguments: Path):
    app = page("runs")
    assert "naive run: 33.3 % of 9\u00a0questions right (95 % " in words(app)
    app.selectbox[0].select("rag-run").run()
    assert "rag run: 100 % of 12\u00a0questions right" in words(app)
    assert app.metric[0].label == "Right answers" and app.metric[0].value == "100 %"


def test_samples_are_searched_filtered_and_shown_whole(arguments: Path):
    app = page("samples")
    assert "12 samples" in words(app)
    app.multiselect[0].select("refused").run()
    assert "3 samples" in words(app)
    app.text_input[0].set_value("F10").run()
    assert "1 samples" in words(app) and "Answer 10" in words(app)
    assert "def f10(x=3):" in words(app)
    app.text_input[0].set_value("nowhere").run()
    assert "0 samples" in words(app) and not app.exception


def test_what_a_model_wrote_is_no_markdown(arguments: Path):
    app = page("compared")
    assert [each.value for each in app.code if each.value == MARKED]
    assert opened.plain("![x](http://y) *b* <i>") == r"\!\[x\]\(http\://y\) \*b\* \<i\>"


def test_a_folder_that_is_no_bundle_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "argv", ["home.py", str(tmp_path)])
    app = page("overview")
    assert "no bundle" in app.error[0].value and not app.exception


def test_no_name_leads_out_of_the_bundle(arguments: Path):
    (arguments.parent / "outside.json").write_text("{}")
    app = AppTest.from_string(
        "from eval.viewer.opened import inside\ninside('../outside.json')", default_timeout=60
    ).run()
    assert "has no file" in app.error[0].value


def test_the_command_listens_here_alone_and_sends_nothing(bundle: Path):
    said = command.words(bundle, 8599)
    assert "--server.address=127.0.0.1" in said and "--server.port=8599" in said
    assert "--browser.gatherUsageStats=false" in said and said[-1] == str(bundle.resolve())
    assert set(SCREENS) <= {name.removesuffix(".py") for name in PAGES}

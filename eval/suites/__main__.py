"""Makes the bundled suites again from the installed packages.

    python -m eval.suites [NAME …]           all of them, or these

The seed, the packages and the counts are in eval/suites/bundled.yaml, those of codeqa-retrieval
in eval/suites/codeqa.yaml; the same versions give the same bytes.
"""

import core.process  # noqa: F401  # isort: skip  must come first

import argparse

from eval.suites import bundle, codeqa


def main(arguments: list[str] | None = None) -> None:
    """Write the suites and say how many questions of which kind they hold."""
    names = [*bundle.MAKERS, codeqa.NAME]
    parser = argparse.ArgumentParser(
        prog="python -m eval.suites",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", nargs="*", choices=[[], *names], help=f"of {', '.join(names)}")
    for name in parser.parse_args(arguments).name or names:
        if name == codeqa.NAME:
            _retrieval()
        else:
            print(f"{name}: {bundle.write(name)} questions, with a card")


def _retrieval() -> None:
    codeqa.write()
    for split in codeqa.SPLITS:
        kinds = [question.kind for question in codeqa.load(split)]
        counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
        print(f"{codeqa.NAME}, {split}: {len(kinds)} questions ({counts})")


if __name__ == "__main__":
    main()

"""Makes the suite codeqa-retrieval again from the installed packages.

    python -m eval.suites

The seed and the packages are in eval/suites/codeqa.yaml; the same versions give the same bytes.
"""

import core.process  # noqa: F401  the environment comes first
from eval.suites import codeqa


def main() -> None:
    """Write the suite and say how many questions of which kind it holds."""
    path = codeqa.write()
    for split in codeqa.SPLITS:
        kinds = [question.kind for question in codeqa.load(split)]
        counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
        print(f"{split}: {len(kinds)} questions ({counts})")
    print(f"Written to {path.name} and {codeqa.NAME}.files.json.")


if __name__ == "__main__":
    main()

"""What a start of the app brings along, asked once in a process of its own."""

import json
import subprocess
import sys
from functools import cache
from tempfile import TemporaryDirectory
from typing import Any

from tests import source

CODE = """
import json, sys
import app
from contextlib import ExitStack
from core.settings import load
with ExitStack() as ending:
    services = app.wire(load({"data_dir": sys.argv[1]}, None), ending)
    served = app.compose(services, "token")
    app.paged(services)
    paths = served.openapi()["paths"]
    routes = [f"{method.upper()} {path}" for path in paths for method in paths[path]]
    print(json.dumps({"modules": sorted(sys.modules), "routes": routes}))
"""


@cache
def composed() -> dict[str, Any]:
    """Return the modules and the routes there are once the app is composed, before it warms up."""
    with TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", CODE, folder],
            cwd=source.ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])

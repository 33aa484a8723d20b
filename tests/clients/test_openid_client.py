"""The example for openid-client in the documentation, in node, over real HTTP."""

from __future__ import annotations

import os
import re
import subprocess

from tests.cast import CLIENT_CREDENTIALS
from tests.servers import ROOT

_EXAMPLE = re.compile(r"^```js run openid-client\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def test_the_example_gets_a_token(server, cast, library):
    [example] = _EXAMPLE.findall((ROOT / "docs" / "getting-started.md").read_text(encoding="utf-8"))
    client = cast.client(**CLIENT_CREDENTIALS)
    names = {"BASE": server.base_url, "CLIENT_ID": client.client_id, "CLIENT_SECRET": client.secret}
    done = subprocess.run(
        ["node", "--input-type=module", "-"],
        cwd=library, env={**os.environ, **names}, input=example,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "36000\n"), done.stderr

"""Which language is spoken to whom."""

from __future__ import annotations

import pytest

GERMAN = {"Accept-Language": "de-AT,de;q=0.9"}


def test_page_speaks_the_language_of_the_browser(client, db):
    answer = client.get("/api/login/", headers={**GERMAN, "Accept": "text/html"})
    assert answer["Content-Language"] == "de"
    assert '<html lang="de"' in answer.content.decode()


def test_page_speaks_english_where_the_language_is_unknown(client, db):
    assert client.get("/api/login/", headers={"Accept-Language": "nl"})["Content-Language"] == "en"


@pytest.mark.parametrize("accept", ["application/json", "*/*"])
def test_program_reads_english_whatever_its_browser_asks_for(client, alice, accept):
    client.force_login(alice)
    answer = client.post("/api/v2/tokens/", {"scope": "x"}, "application/json", headers={**GERMAN, "Accept": accept})
    assert answer.status_code == 400
    assert "Must be a simple space-separated string" in str(answer.json())

"""The browsable API's links."""

from __future__ import annotations

import pytest

from awx_oauth.templatetags.api_links import link_paths


def test_path_of_the_api_becomes_a_link():
    assert link_paths('{"url": "/api/v2/users/1/"}') == (
        '{&quot;url&quot;: &quot;<a href="/api/v2/users/1/">/api/v2/users/1/</a>&quot;}'
    )


def test_query_is_escaped():
    assert '<a href="/api/v2/users/?page=2&amp;x=1">' in link_paths('"/api/v2/users/?page=2&x=1"')


@pytest.mark.parametrize(
    "text", ['"<script>"', '"/api/<img src=x>"', '"see /api/v2/"', '"//evil.example/api/"', '"/admin/"']
)
def test_anything_else_is_only_escaped(text):
    linked = link_paths(text)
    assert "<" not in linked

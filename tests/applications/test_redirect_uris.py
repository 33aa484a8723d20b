"""Which redirect URIs may be registered, and which of them a request may use."""

from __future__ import annotations

import pytest

from applications import redirect_uris


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example.com/callback",
        "https://app.example.com",
        "https://app.example.com/",
        "https://app.example.com:8443/callback?tenant=1&next=%2Fhome",
        "HTTPS://App.Example.COM/Callback",
        "https://192.0.2.1/callback",
        "https://[2001:db8::1]/callback",
        "https://xn--bcher-kva.example/callback",
        "http://localhost/callback",
        "http://localhost:3000/callback",
        "HTTP://LOCALHOST:3000/callback",
        "http://127.0.0.1:49152/callback",
        "http://[::1]/callback",
        "http://[::1]:8080/callback",
        "com.example.app:/callback",
        "com.example.app://callback",
        "COM.Example.app:/callback",
    ],
)
def test_a_uri_that_is_safe_to_redirect_to_may_be_registered(uri):
    assert redirect_uris.registration_error(uri) is None


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("https://app.example.com/callback#part", "fragment"),
        ("https://app.example.com/callback#", "fragment"),
        ("https://*.example.com/callback", "wildcard"),
        ("https://app.example.com/*", "wildcard"),
        ("javascript:alert(1)", "Unauthorized redirect scheme: javascript"),
        ("JavaScript:alert(1)", "Unauthorized redirect scheme: javascript"),
        ("data:text/html,hello", "Unauthorized redirect scheme: data"),
        ("vbscript:msgbox(1)", "Unauthorized redirect scheme: vbscript"),
        ("file:///etc/passwd", "Unauthorized redirect scheme: file"),
        ("blob:https://app.example.com/1", "Unauthorized redirect scheme: blob"),
        ("ftp://app.example.com/callback", "Unauthorized redirect scheme: ftp"),
        ("wss://app.example.com/callback", "Unauthorized redirect scheme: wss"),
        ("myapp:/callback", "reversed domain name"),
        ("http://app.example.com/callback", "must use https"),
        ("HTTP://app.example.com/callback", "must use https"),
        ("http://localhost.evil.com/callback", "must use https"),
        ("http://localhost./callback", "has no host"),
        ("http://127.0.0.1.evil.com/callback", "must use https"),
        ("http://127.0.0.2/callback", "must use https"),
        ("http://127.1/callback", "must use https"),
        ("http://2130706433/callback", "must use https"),
        ("http://0.0.0.0/callback", "must use https"),
        ("http://[::]/callback", "must use https"),
        ("http://[::ffff:127.0.0.1]/callback", "must use https"),
        ("http://[::1%25eth0]/callback", "has no host"),
        ("http://localhost@evil.com/callback", "user name or password"),
        ("http://localhost:80@evil.com/callback", "user name or password"),
        ("https://app.example.com@evil.com/callback", "user name or password"),
        ("https://@evil.com/callback", "user name or password"),
        ("https://app.example.com\\@evil.com/callback", "not an absolute URI"),
        ("https:\\\\app.example.com\\callback", "not an absolute URI"),
        ("https://bücher.example/callback", "not an absolute URI"),
        ("https://аpp.example.com/callback", "not an absolute URI"),  # noqa: RUF001 - a Cyrillic letter
        ("https://app.example.com/caf\u00e9", "not an absolute URI"),
        ("https://ex%61mple.com/callback", "has no host"),
        ("https://app.example.com/%zz", "not an absolute URI"),
        ("https://app.example.com/%", "not an absolute URI"),
        ("https://app.example.com:port/callback", "not an absolute URI"),
        ("https://app.example.com:99999/callback", "not an absolute URI"),
        ("https://[::1/callback", "not an absolute URI"),
        ("https://app.example.com/callback\n", "not an absolute URI"),
        ("https://app.example.com/call\tback", "not an absolute URI"),
        ("https://app.example.com/call back", "not an absolute URI"),
        (" https://app.example.com/callback", "not an absolute URI"),
        ("https://app.example.com/call\x00back", "not an absolute URI"),
        ("https://app.example.com/<script>", "not an absolute URI"),
        ('https://app.example.com/"onload', "not an absolute URI"),
        ("https:///callback", "has no host"),
        ("https://:443/callback", "has no host"),
        ("https:app.example.com/callback", "has no host"),
        ("https:/app.example.com/callback", "has no host"),
        ("//app.example.com/callback", "not an absolute URI"),
        ("/callback", "not an absolute URI"),
        ("app.example.com/callback", "not an absolute URI"),
        ("https:", "not an absolute URI"),
        ("com.example.app:", "not an absolute URI"),
        ("1com.example.app:/callback", "not an absolute URI"),
        ("urn:ietf:wg:oauth:2.0:oob", "reversed domain name"),
        ("", "not an absolute URI"),
    ],
)
def test_any_other_uri_is_refused_with_the_reason(uri, reason):
    assert reason in (redirect_uris.registration_error(uri) or "")


@pytest.mark.rfc("9700", "2.1")
@pytest.mark.parametrize(
    "requested",
    [
        "https://app.example.com/callback/",
        "https://app.example.com/callback?",
        "https://app.example.com/callback?code=1",
        "https://app.example.com/Callback",
        "https://APP.example.com/callback",
        "https://app.example.com:443/callback",
        "https://app.example.com/callback#",
        "https://app.example.com/callback\n",
        "https://app.example.com/x/../callback",
        "https://app.example.com/%63allback",
        "http://app.example.com/callback",
        "https://app.example.com.evil.com/callback",
        "",
    ],
)
def test_a_request_names_the_registered_uri_exactly(requested):
    registered = "https://app.example.com/callback"
    assert redirect_uris.matches(registered, registered)
    assert not redirect_uris.matches(registered, requested)


@pytest.mark.rfc("8252", "7.3")
@pytest.mark.parametrize(
    ("registered", "requested"),
    [
        ("http://127.0.0.1/callback", "http://127.0.0.1:49152/callback"),
        ("http://127.0.0.1:1/callback", "http://127.0.0.1:65535/callback"),
        ("http://127.0.0.1:1/callback", "http://127.0.0.1/callback"),
        ("http://[::1]/callback", "http://[::1]:49152/callback"),
        ("http://127.0.0.1", "http://127.0.0.1:49152"),
        ("http://127.0.0.1?app=1", "http://127.0.0.1:49152?app=1"),
    ],
)
def test_a_loopback_address_may_have_any_port(registered, requested):
    assert redirect_uris.matches(registered, requested)


@pytest.mark.parametrize(
    ("registered", "requested"),
    [
        ("http://localhost/callback", "http://localhost:49152/callback"),  # a name, which may resolve elsewhere
        ("http://127.0.0.1/callback", "http://127.0.0.1:65536/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:49152/other"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:49152/callback?x=1"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:80@evil.com/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.1.evil.com/callback"),
        ("http://127.0.0.1/callback", "http://[::1]:49152/callback"),
        ("http://127.0.0.1/callback", "https://127.0.0.1:49152/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:\u0663/callback"),  # a digit, but not an ASCII one
        ("https://127.0.0.1/callback", "https://127.0.0.1:49152/callback"),
        ("https://app.example.com/callback", "https://app.example.com:8443/callback"),
    ],
)
def test_nothing_else_about_it_may_differ(registered, requested):
    assert not redirect_uris.matches(registered, requested)

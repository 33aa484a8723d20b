"""Every text that a person sees is there in every language, and is the one that the code has now."""

from __future__ import annotations

import ast
import gettext
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.servers import ROOT

LOCALE = ROOT / "awx_oauth" / "locale"
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
UPDATE = (
    "Run: python manage.py makemessages --all --no-wrap --no-obsolete --add-location file --ignore tests --ignore .venv"
    " --settings settings.test; translate what is empty or fuzzy; then:"
    " python manage.py compilemessages --ignore .venv --settings settings.test"
)
_KEYWORD = re.compile(r'(msgid_plural|msgid|msgstr(?:\[\d])?) (".*")')
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|</?\w+>")


def read(path: Path) -> dict[str, list[str]]:
    """The translations in a .po file, by the English text; one that is fuzzy counts as none."""
    found: dict[str, list[str]] = {}
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        texts: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            keyword = _KEYWORD.fullmatch(line)
            if keyword:
                name = keyword[1]
                texts[name] = ast.literal_eval(keyword[2])
            elif line.startswith('"'):
                texts[name] += ast.literal_eval(line)
        translations = [text for name, text in texts.items() if name.startswith("msgstr")]
        is_fuzzy = re.search(r"^#,.*\bfuzzy\b", block, re.MULTILINE)
        if texts.get("msgid"):
            found[texts["msgid"]] = [""] if is_fuzzy else translations
    return found


def catalog(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language):
    assert [text for text, translations in read(catalog(language)).items() if not all(translations)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_and_markup_survive_translation(language):
    for text, translations in read(catalog(language)).items():
        for translation in translations:
            assert sorted(_PLACEHOLDER.findall(translation)) == sorted(_PLACEHOLDER.findall(text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalog_says_what_the_written_one_says(language):
    with catalog(language).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for text, [translation, *_plurals] in read(catalog(language)).items():
        said = compiled.gettext(text)
        assert (said if said != text else compiled.ngettext(text, text, 1)) == translation, UPDATE


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="The gettext tools are not installed: texts not compared.")
def test_catalogs_have_the_texts_of_the_code(tmp_path):
    for name in ("applications", "awx_oauth", "tokens", "settings"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "manage.py", tmp_path)
    locales = [argument for language in LANGUAGES for argument in ("--locale", language)]
    done = subprocess.run(
        [sys.executable, "manage.py", "makemessages", "--no-obsolete", "--no-wrap", *locales],
        cwd=tmp_path, env={**os.environ, "DJANGO_SETTINGS_MODULE": "settings.test"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for language in LANGUAGES:
        now = read(tmp_path / catalog(language).relative_to(ROOT))
        assert now.keys() == read(catalog(language)).keys(), UPDATE


def test_page_is_in_german_to_the_last_word(client, db):
    page = client.get("/api/login/", headers={"Accept-Language": "de", "Accept": "text/html"}).content.decode()
    for english in ("Sign in", "Username", "Password", "Skip to content"):
        assert english not in page
    assert "Anmelden" in page

"""Pages of a list."""

from __future__ import annotations

import pytest

from awx_oauth.accounts.models import Organization


@pytest.fixture
def ask(api):
    Organization.objects.bulk_create(Organization(name=f"{number:03}") for number in range(230))
    return lambda query="": api.get(f"/api/v2/organizations/{query}").json()


def test_a_page_has_25_rows(ask):
    answer = ask()
    assert list(answer) == ["count", "next", "previous", "results"]
    assert (answer["count"], len(answer["results"])) == (230, 25)
    assert (answer["next"], answer["previous"]) == ("/api/v2/organizations/?page=2", None)


def test_links_keep_the_query(ask):
    answer = ask("?page=2&page_size=10&name__contains=1&order_by=-name")
    assert answer["next"] == "/api/v2/organizations/?name__contains=1&order_by=-name&page=3&page_size=10"
    assert answer["previous"] == "/api/v2/organizations/?name__contains=1&order_by=-name&page=1&page_size=10"


def test_a_page_has_200_rows_at_most_and_says_so(ask):
    answer = ask("?page_size=5000")
    assert len(answer["results"]) == 200
    assert answer["next"] == "/api/v2/organizations/?page=2&page_size=200"


def test_every_row_is_on_one_page(ask):
    seen, link = [], "?page_size=100&order_by=description"
    while link:
        answer = ask(link.removeprefix("/api/v2/organizations/"))
        seen += [row["name"] for row in answer["results"]]
        link = answer["next"]
    assert sorted(seen) == sorted(set(seen))
    assert len(seen) == 230


def test_counting_can_be_left_out(ask, django_assert_num_queries):
    with django_assert_num_queries(1):
        answer = ask("?count_disabled=1&page_size=10")
    assert list(answer) == ["results"]
    assert len(answer["results"]) == 10


@pytest.fixture
def many(db):
    Organization.objects.bulk_create(Organization(name=f"{number:04}", description="-") for number in range(2230))


@pytest.mark.parametrize("order", ["name", "-name", "description", "-description,name"])
def test_far_pages_have_what_is_left(many, api, order):
    names = []
    for page in range(1, 13):
        answer = api.get(f"/api/v2/organizations/?page={page}&page_size=200&order_by={order}").json()
        names += [row["name"] for row in answer["results"]]
    assert (answer["previous"] is None, answer["next"], len(answer["results"])) == (False, None, 30)
    assert names == sorted(names, reverse=order == "-name")


def test_last_page_is_read_from_the_end(many, api, django_assert_num_queries):
    api.get("/api/v2/organizations/")
    with django_assert_num_queries(3) as asked:
        answer = api.get("/api/v2/organizations/?page=90")
    assert [row["name"] for row in answer.json()["results"]] == [f"{number:04}" for number in range(2225, 2230)]
    assert not any("OFFSET" in query["sql"] for query in asked.captured_queries)

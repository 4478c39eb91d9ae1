"""The AsyncAPI document as a page: all that it says, without a network, and for everybody."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.dashboard.browsing import barriers, chromium, needs_chromium
from tests.tools.conftest import Said
from tools.asyncapi_page import page
from tools.schemas import asyncapi_page

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The published document."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "schemas" / "asyncapi.yaml").read_text())
    return found


@pytest.fixture(scope="module")
def whole(document: dict[str, Any]) -> str:
    """Its page."""
    return page(document)


def test_every_topic_message_and_field_is_there(document: dict[str, Any], whole: str) -> None:
    for channel in document["channels"].values():
        assert f">{channel['address']}</h2>" in whole
    for name in document["components"]["messages"]:
        assert whole.count(f'<h3 id="{name}">') == 1
    for schema in document["components"]["schemas"].values():
        for field in schema.get("properties", {}):
            assert f"<code>{field}</code>" in whole


def test_every_link_leads_somewhere_on_the_page(whole: str) -> None:
    ids = re.findall(r'id="([^"]+)"', whole)
    links = re.findall(r'href="([^"]+)"', whole)
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in links} <= set(ids)


def test_what_a_field_holds_is_told_in_words(whole: str) -> None:
    rows = whole[whole.index('<h3 id="SentenceImposed">') :].split("</table>")[0]
    assert "<code>ends_on</code></th><td>date or null</td><td>no</td>" in " ".join(rows.split())
    assert '<a href="#part-Court">Court</a></td><td>unless voided</td>' in rows
    assert "one of <code>community_order</code>, <code>suspended_sentence_order</code>" in rows


def test_the_command_writes_the_page_of_the_models(call: Any, tmp_path: Path, whole: str) -> None:
    said: Said = call("schemas", "page", str(tmp_path / "events.html"))
    assert said.code == 0
    assert (tmp_path / "events.html").read_text() == asyncapi_page() == whole


@needs_chromium
async def test_a_browser_shows_it_without_a_network_and_axe_finds_no_barrier(
    document: dict[str, Any], tmp_path: Path
) -> None:
    # One topic of each kind: axe takes a minute for all of them.
    some = ("court", "clock", "allocationDeadLetter", "allocationWarning")
    few = document | {"channels": {name: document["channels"][name] for name in some}}
    file = tmp_path / "events.html"
    file.write_text(page(few))
    async with chromium() as browser:
        opened = await browser.new_page()
        asked: list[str] = []
        opened.on("request", lambda request: asked.append(request.url))
        await opened.goto(file.as_uri())
        await opened.get_by_role("link", name="SentenceVaried", exact=True).click()
        assert await opened.get_by_role("heading", name="SentenceVaried").is_visible()
        assert asked == [file.as_uri()]
        assert await barriers(opened) == []

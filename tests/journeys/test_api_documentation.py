"""The API's documentation page, in a real browser: complete, self-contained, and usable without an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.journeys.conftest import Visitor


def test_the_documentation_page_when_opened_then_shows_every_resource_without_an_error(visitor: Callable[..., Visitor]) -> None:
    reader = visitor(width=1280, height=900)
    page = reader.page
    elsewhere: list[str] = []
    page.on("requestfailed", lambda request: reader.complaints.append(request.url))
    page.on("request", lambda request: None if request.url.startswith((reader.address, "data:")) else elsewhere.append(request.url))

    reader.open("/api/v1/docs/")
    page.wait_for_selector("#operations-tag-commitments")
    tags = page.locator("h3.opblock-tag").all_inner_texts()
    page.locator("#operations-regions-regions_list button.opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    page.wait_for_selector(".live-responses-table .response-col_status")
    status = page.locator(".live-responses-table tbody .response-col_status").first.inner_text()

    names = {tag.split("\n")[0].strip() for tag in tags}
    assert names == {
        "actions", "axes", "changes", "commitments", "conventions", "documents", "organisations", "regions", "search",
    }  # fmt: skip
    assert status.startswith("200")
    assert reader.complaints == []
    assert elsewhere == []

"""A deployment in the shadow serves nobody a list that nobody is told."""

from __future__ import annotations

import pytest

from matcher_stream.web.site.problem import IN_SHADOW
from tests.web.conftest import MakeVillage


@pytest.mark.parametrize(("shadow", "status"), [(True, 503), (False, 200)])
async def test_pages_for_people_are_the_champions(
    make_village: MakeVillage, shadow: bool, status: int
) -> None:
    village = await make_village(web_pages="busco,ofrezco,vivo", shadow=shadow)
    await village.rest()
    browser = await village.browser()
    for path in ("/busco", "/ofrezco"):
        page = await browser.get(path)
        assert page.status == status
        assert (IN_SHADOW in page.text) is shadow
    assert (await browser.get("/entrar")).status == 200, "who runs it still looks at it"

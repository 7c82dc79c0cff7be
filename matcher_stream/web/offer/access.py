"""Whose ad it is: who has its signed link, or a publisher's token whose mark its id begins with.

An ad's id has 128 random bits. A publisher's ads begin with their mark, so that no table says who
owns which; others' ads, and those that other systems publish, open with no token.
"""

from __future__ import annotations

import re
import time
from typing import Final

from matcher_stream.web.offer import pages
from matcher_stream.web.site.problem import NO_LINK, Problem
from matcher_stream.web.site.session import Session
from matcher_stream.web.site.signing import LINK_SECONDS, MARK, new_id
from matcher_stream.web.site.visit import Visit

MOST_ADS: Final = 12
"""Ads of links that a session holds; the one opened first goes."""
_NAME: Final = "ads"
_MADE_HERE: Final = re.compile(rf"(?:[\w-]{{{MARK}}}-)?[\w-]{{22}}", re.ASCII)
"""Ids of ads that pages post: a publisher's mark, if there is one, and `new_id`."""


def new_ad_id(visit: Visit) -> str:
    """The id of an ad that this visitor posts."""
    staff = visit.staff
    if staff is None or staff.role != "publisher":
        return new_id()
    return visit.tools.signing.marks(staff.name)[0] + new_id()


def begin_ad(session: Session, job_id: str, until: int | None = None) -> None:
    """This visitor may open an ad from now on.

    Args:
        session: The visitor's.
        job_id: The ad.
        until: Epoch seconds; left out, as long as a link made now.
    """
    held = [[name, ends] for name, ends in opened(session).items() if name != job_id]
    ends = until or int(time.time()) + LINK_SECONDS
    session.put(_NAME, [*held[-(MOST_ADS - 1) :], [job_id, ends]])


def opened(session: Session) -> dict[str, int]:
    """The ads whose links this visitor opened, with their ends."""
    held = session.values.get(_NAME) or []
    return {name: ends for name, ends in held if ends > time.time()}


def marks(visit: Visit) -> list[str]:
    """How the ids of this publisher's ads begin; none of anybody else."""
    staff = visit.staff
    if staff is None or staff.role != "publisher":
        return []
    return visit.tools.signing.marks(staff.name)


def own_ad(visit: Visit) -> str:
    """The ad that an address names.

    Raises:
        Problem: it is not this visitor's, or its link is used too often.
    """
    job_id = visit.request.match_info["job_id"]
    if not _MADE_HERE.fullmatch(job_id):
        raise Problem(403, NO_LINK)
    if job_id in opened(visit.session) or any(job_id.startswith(mark) for mark in marks(visit)):
        visit.tools.links.spend(job_id)
        return job_id
    raise Problem(403, NO_LINK)


def link_of(visit: Visit, job_id: str) -> str:
    """The whole address that opens an ad; "" where ours is not known."""
    return visit.whole(pages.OPEN.format(token=visit.tools.signing.ad_link(job_id)))

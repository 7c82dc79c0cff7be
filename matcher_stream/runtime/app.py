"""A Faust app as both of ours are: it does not start where it could not work."""

from __future__ import annotations

import gc
import logging
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar

import faust
from faust.web.base import BlueprintManager

from matcher_stream.config import logs
from matcher_stream.config.acls import Role
from matcher_stream.config.contract import TopicSpec, changelog_specs
from matcher_stream.config.rights import check_rights
from matcher_stream.config.topics import check_topics, create_topics
from matcher_stream.runtime import endings, tracing
from matcher_stream.runtime.fence import die
from matcher_stream.runtime.parts import AppParts
from schemas.errors import MatcherError, UsageError

log = logging.getLogger(__name__)
SWITCH_SECONDS: Final = 0.0002
"""Who has Python's lock gives it up so soon: at 0.005 s each, the default, the event loop and the
encoder's products would wait for those who count in Python."""
A = TypeVar("A", bound=faust.App)


def made(make: Callable[[], A], service: str) -> A:
    """The app that a worker's command line names; settings that cannot be used end the process
    with one sentence, which a traceback would hide.
    """
    try:
        return make()
    except UsageError as error:
        print(logs.told(error, service), file=sys.stderr)
        raise SystemExit(error.exit_code) from None


class StreamApp(faust.App):
    """Creates its own topics, checks those of others, and only then takes work.

    Attributes:
        SERVICE: Its name in traces.
        context: The worker's parts; set right after the app is made.
    """

    SERVICE: ClassVar[str]
    context: AppParts

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.web.blueprints = BlueprintManager()  # Faust's own pages would show what tables hold

    def own_topics(self) -> Sequence[TopicSpec]:
        """What this app creates, its changelogs left out."""
        raise NotImplementedError

    def role(self) -> Role:
        """What this app must be allowed on a broker that asks who it is."""
        raise NotImplementedError

    def needed_topics(self) -> Sequence[TopicSpec]:
        """What must be on the broker, as the contract says."""
        raise NotImplementedError

    def begin(self) -> None:
        """The topics are as they should be, and the worker starts."""

    async def on_first_start(self) -> None:
        """Check what would make a worker useless, then start."""
        logs.begin()
        endings.begin(Path(self.context.settings.data_dir))
        try:
            instance = f"{socket.gethostname()}:{self.conf.web_port}"
            tracing.begin(self.SERVICE, str(self.conf.id), instance)
            await self._check()
        except MatcherError as error:
            log.critical("%s", error)
            die(str(error), "refused")
        self.begin()
        sys.setswitchinterval(SWITCH_SECONDS)
        gc.freeze()  # Faust collects garbage once per table at every rebalance
        self.add_future(self.context.fence.keep_ticking())
        await super().on_first_start()

    async def on_stop(self) -> None:
        """Somebody asked it to stop, and it has."""
        await super().on_stop()
        await tracing.end()
        endings.note("stopped")

    async def _check(self) -> None:
        settings = self.context.settings
        changelogs = changelog_specs(sorted(self.tables.changelog_topics), settings)
        await create_topics(settings, [*self.own_topics(), *changelogs])
        needed = self.needed_topics()
        await check_topics(settings, needed)
        if settings.security_protocol != "PLAINTEXT":
            topics = {spec.name for spec in (*self.own_topics(), *changelogs, *needed)}
            await check_rights(settings, self.role(), topics, str(self.conf.id))

"""``matcher-stream topics``."""

from __future__ import annotations

import asyncio
import shlex

import click
from rich.table import Table

from matcher_stream.cli.console import out
from matcher_stream.config.acls import commands, roles
from matcher_stream.config.contract import TopicNames, TopicSpec, public_specs, topic_specs
from matcher_stream.config.model import app_id_of
from matcher_stream.config.settings import Settings, get_settings
from matcher_stream.config.topics import (
    create_topics,
    describe_topics,
    mismatch,
    topic_config,
    weakness,
)
from schemas.errors import MissingModel, TopicMismatch

DAY = 86_400_000
#: How the tools of Apache Kafka are told who asks; the file is the administrator's own.
ADMIN = ("--command-config", "admin.properties")


def names_of(settings: Settings) -> TopicNames:
    """The topics' names, the internal ones of the encoder that the settings name."""
    return TopicNames(settings, app_id_of(settings))


@click.group("topics")
def command() -> None:
    """Crea o describe los temas de Kafka."""


@command.command("create")
def create() -> None:
    """Crea los temas públicos que falten; los que existen se comprueban."""
    settings = get_settings()
    names = TopicNames(settings, "")
    specs = public_specs(names, settings)
    created = asyncio.run(create_topics(settings, specs))
    for name in created:
        out.print(f"creado {name}", markup=False, highlight=False, soft_wrap=True)
    out.print(f"Temas creados: {len(created)}; ya existían: {len(specs) - len(created)}.")
    asyncio.run(_check(settings, specs))


async def _check(settings: Settings, specs: list[TopicSpec]) -> None:
    states = await describe_topics(settings, [spec.name for spec in specs])
    for spec in specs:
        if problem := mismatch(spec, states.get(spec.name)):
            raise TopicMismatch(problem)


@command.command("describe")
def describe() -> int:
    """Muestra cada tema; el código de salida es 1 si alguno no es como debe."""
    settings = get_settings()
    try:
        specs = topic_specs(names_of(settings), settings)
    except MissingModel:  # without an encoder there are no internal topics to speak of
        specs = public_specs(TopicNames(settings, ""), settings)
    states = asyncio.run(describe_topics(settings, [spec.name for spec in specs]))
    table = Table("Tema", "Part.", "Réplicas", "Limpieza", "Días", "Estado")
    wrong = False
    for spec in specs:
        state = states.get(spec.name)
        problem = mismatch(spec, state) or (weakness(spec, state, settings) if state else "")
        internal = not spec.name.startswith(f"{settings.topic_prefix}.")
        wrong = wrong or bool(problem and (state is not None or not internal))
        days = f"{spec.retention_ms / DAY:g}" if spec.retention_ms else "—"
        table.add_row(
            spec.name,
            str(state.partitions if state else "—"),
            str(state.replicas if state else "—"),
            state.config.get("cleanup.policy", "?") if state else spec.cleanup,
            days,
            _verdict(problem, exists=state is not None, internal=internal),
        )
    out.print(table)
    return 1 if wrong else 0


@command.command("acls")
@click.option("--as", "named", multiple=True, metavar="ROL=NOMBRE",
              help="Nombre de una cuenta en el broker; si no, PREFIJO-ROL.")  # fmt: skip
@click.option("--remove", is_flag=True, help="Órdenes que quitan los permisos.")
def acls(named: tuple[str, ...], remove: bool) -> None:
    """Escribe las órdenes kafka-acls que dan a cada cuenta solo los permisos de su trabajo."""
    settings = get_settings()
    prefix = settings.topic_prefix
    explainer = TopicNames(settings, f"{prefix}-explainer")
    listed = roles(prefix, names_of(settings), explainer)
    users = {role.name: f"{prefix}-{role.name}" for role in listed}
    for word in named:
        role, _, name = word.partition("=")
        if role not in users or not name:
            raise click.BadParameter(word, param_hint="--as")
        users[role] = name
    servers = ",".join(settings.bootstrap_servers)
    tool = ("kafka-acls.sh", "--bootstrap-server", servers, *ADMIN)
    for one in listed:
        click.echo(f"# {users[one.name]}: {one.about}")
        for line in commands(one, users[one.name], tool, "--remove" if remove else "--add"):
            click.echo(line)


@command.command("commands")
def creating() -> None:
    """Escribe las órdenes kafka-topics que crean los temas públicos, para quien los administra."""
    settings = get_settings()
    tool = ["kafka-topics.sh", "--bootstrap-server", ",".join(settings.bootstrap_servers), *ADMIN]
    for spec in public_specs(TopicNames(settings, ""), settings):
        size = ["--partitions", str(spec.partitions),
                "--replication-factor", str(settings.replication_factor)]  # fmt: skip
        pairs = [f"{key}={value}" for key, value in topic_config(spec, settings).items()]
        config = [word for pair in pairs for word in ("--config", pair)]
        click.echo(
            shlex.join([*tool, "--create", "--if-not-exists", "--topic", spec.name, *size, *config])
        )


def _verdict(problem: str, *, exists: bool, internal: bool) -> str:
    if not problem:
        return "bien"
    if not exists:
        return "lo creará el trabajador" if internal else "falta"
    return problem

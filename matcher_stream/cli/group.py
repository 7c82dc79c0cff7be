"""The command group, and the one place where errors become sentences and exit codes."""

from __future__ import annotations

import importlib
import logging
import sys
from typing import Any

import click

from matcher_stream import __version__
from matcher_stream.cli.console import errors, quiet_logs
from matcher_stream.cli.sentences import describe

COMMANDS = {
    "dev": ("dev", "Prueba todo en esta máquina: broker, trabajador y datos de ejemplo."),
    "broker": ("broker", "Inicia el broker incorporado y lo deja en marcha."),
    "topics": ("topics", "Crea o describe los temas de Kafka."),
    "publish": ("publish", "Publica personas, trabajos o respuestas desde un archivo."),
    "data": ("data", "Revisa un archivo antes de publicarlo."),
    "rank": ("rank", "Calcula las mismas listas sin ningún broker."),
    "review": ("review", "Revisa, libera o rechaza los avisos retenidos."),
    "token": ("pages", "Crea la clave de una persona para las páginas de su rol."),
    "watch": ("watch", "Muestra lo que sale: listas, candidatos, rechazos."),
    "schemas": ("schemas", "Exporta los esquemas JSON y asyncapi.yaml."),
    "models": ("models", "Evalúa, entrena y registra lo que ordena los trabajos."),
    "person": ("person", "Muestra, exporta o borra lo que se guarda de una persona."),
    "verify": ("verify", "Comprueba por fuerza bruta todo lo emitido."),
}


class LazyGroup(click.Group):
    """Imports a command when it is asked for: help must not wait for torch or aiokafka."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order that a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"matcher_stream.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One line a command, without importing any."""
        with formatter.section("Órdenes"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="matcher-stream")
@click.option("-v", "--verbose", is_flag=True, help="Muestra también los registros internos.")
def cli(verbose: bool) -> None:
    """Empareja personas y trabajos en tiempo real.

    Los ajustes vienen del entorno: BROKER_URL y las variables MATCHER_... (vea
    docs/reference/settings.md).
    """
    if verbose:
        logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    else:
        quiet_logs()


def main(args: list[str] | None = None) -> None:
    """Run the command line; ends the process."""
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """Run the command line; returns the exit code and never shows a traceback to a user."""
    try:
        result: Any = cli.main(args, prog_name="matcher-stream", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except (KeyboardInterrupt, click.Abort):
        errors.print("Interrumpido.")
        return 130
    except BrokenPipeError:  # somebody closed `matcher-stream watch | head`
        sys.stderr.close()
        return 0
    except Exception as error:
        known = describe(error)
        if known is None:
            raise
        sentence, code = known
        errors.print(f"Error: {sentence}", markup=False, highlight=False, soft_wrap=True)
        return code

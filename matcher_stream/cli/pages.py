"""The demo's pages, and ``matcher-stream token``: tokens for the pages that are not everybody's."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import click

from matcher_stream.cli.console import errors, out
from matcher_stream.web.site.config import PAGES
from matcher_stream.web.site.roles import ROLES, Role, new_token

#: Each group's first page, what it is for, and whose token opens it.
_FIRST: Final[dict[str, tuple[str, str, Role | None]]] = {
    "busco": ("/busco", "Busco trabajo", None),
    "ofrezco": ("/ofrezco", "Busco personal", "publisher"),
    "revisar": ("/revisar", "Revisar avisos", "reviewer"),
    "vivo": ("/", "En vivo", "operator"),
    "probar": ("/probar", "Probar un evento", None),
}


@dataclass(frozen=True, slots=True)
class DemoPages:
    """Pages of a worker of the demo.

    Attributes:
        env: Settings that turn them on, with secrets of their own.
        tokens: Of each role.
    """

    env: dict[str, str]
    tokens: dict[Role, str]

    def show(self, url: str) -> None:
        """Print where they are, and what opens them."""
        from matcher_stream.web.matcher import GROUPS  # imports torch: here all has started

        out.print("\nPáginas (Ctrl-C cierra todo):")
        for group, (path, what, role) in _FIRST.items():
            if group in GROUPS:
                key = f"   clave: {self.tokens[role]}" if role else ""
                line = f"  {what:<17} {url}{path}{key}"
                out.print(line, markup=False, highlight=False, soft_wrap=True)


def demo_pages(folder: Path) -> DemoPages:
    """Turn all pages on, with tokens that end with the demo.

    Args:
        folder: Takes the file of tokens.
    """
    made = {role: new_token(role, "demo") for role in ROLES}
    path = folder / "tokens"
    path.write_text("".join(f"{staff.line}\n" for _, staff in made.values()))
    env = {
        "MATCHER_WEB_PAGES": ",".join(PAGES),
        "MATCHER_WEB_KEYS": secrets.token_hex(32),
        "MATCHER_WEB_TOKENS": str(path),
    }
    return DemoPages(env, {role: token for role, (token, _) in made.items()})


@click.command("token")
@click.argument("role", type=click.Choice(ROLES))
@click.argument("name")
def command(role: str, name: str) -> None:
    """Crea la clave de una persona para las páginas de su rol.

    La clave se muestra una sola vez; la línea va en el archivo de MATCHER_WEB_TOKENS.
    """
    try:
        token, staff = new_token(cast(Role, role), name)
    except ValueError:
        raise click.UsageError("el nombre no lleva espacios") from None
    errors.print(f"Clave (guárdela ahora): {token}", markup=False, highlight=False, soft_wrap=True)
    out.print(staff.line, markup=False, highlight=False, soft_wrap=True)

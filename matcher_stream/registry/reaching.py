"""What filesystems raise, as sentences."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Final

from schemas.errors import MatcherError, RegistryUnavailable

_PACKAGES: Final = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs"}
"""What reads the addresses of a scheme."""


@contextlib.contextmanager
def reachable(url: str) -> Iterator[None]:
    """Within it whatever a filesystem raises becomes one sentence about its address.

    Raises:
        RegistryUnavailable: it raised anything but what is ours.
    """
    try:
        yield
    except MatcherError:
        raise
    except ImportError as error:
        what = _PACKAGES.get(url.partition(":")[0]) or error.name or "lo que pide fsspec"
        raise RegistryUnavailable(
            f"Para leer {url} falta un paquete: instálelo con «pip install {what}»."
        ) from error
    except Exception as error:  # every filesystem has errors of its own kinds
        raise RegistryUnavailable(
            f"No se puede usar el registro {url} ({type(error).__name__}): revise la dirección "
            "(MATCHER_REGISTRY) y los permisos."
        ) from error

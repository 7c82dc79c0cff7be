"""The tree of errors: who handles what, and that every class tells an operator what to do."""

from __future__ import annotations

import re

from schemas import errors


def below(kind: type[errors.MatcherError]) -> list[type[errors.MatcherError]]:
    return [kind, *(sub for child in kind.__subclasses__() for sub in below(child))]


def test_every_error_is_of_one_of_three_kinds() -> None:
    leaves = [k for k in below(errors.MatcherError) if not k.__subclasses__()]
    for leaf in leaves:
        kinds = (errors.InputError, errors.UsageError, errors.EnvironmentFailure)
        assert sum(issubclass(leaf, kind) for kind in kinds) == 1


def test_codes_are_distinct_words_made_from_the_names() -> None:
    for kind in below(errors.InputError)[1:]:
        assert issubclass(kind, errors.InputError)
        assert kind.code == re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def test_every_class_says_what_to_do_and_has_an_exit_code() -> None:
    for kind in below(errors.MatcherError):
        assert len(kind.__doc__ or "") > 40, kind
        assert 0 < kind.exit_code < 126

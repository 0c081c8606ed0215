"""Scopes, roles, slugs, options: the pure parts of who may do what."""

from itertools import pairwise

import pytest

from vedette.projects.errors import Invalid
from vedette.projects.options import (
    OrganizationOptions,
    PipelineConfig,
    ProjectOptions,
    Scrubbing,
    ScrubRule,
    both,
    decode,
    encode,
    pipeline_config,
)
from vedette.projects.ownership import parse_ownership
from vedette.projects.passwords import hash_password, matches
from vedette.projects.scopes import ROLE_SCOPES, ROLES, SCOPES, accepted_by, at_least, expand
from vedette.projects.slugs import checked_slug, free_slug, slugify


@pytest.mark.parametrize(
    ("given", "held"),
    [
        (["org:admin"], {"org:admin", "org:write", "org:read"}),
        (["project:write"], {"project:write", "project:read", "project:releases"}),
        (["project:read"], {"project:read"}),
        (["alerts:write"], {"alerts:write", "alerts:read"}),
        (["member:write"], {"member:write", "member:read", "member:invite"}),
        (["release:read"], {"project:read"}),
        (["release:write"], {"project:releases"}),
        (["org:ci"], {"org:ci"}),
        (["nonsense", "org:"], set[str]()),
    ],
)
def test_a_scope_brings_the_weaker_ones_of_its_family(given: list[str], held: set[str]) -> None:
    assert expand(given) == held


def test_a_route_takes_the_scope_it_names_and_the_stronger_ones() -> None:
    assert accepted_by("project:read") == {"project:read", "project:write", "project:admin"}
    assert accepted_by("project:releases") == {"project:releases", "project:write", "project:admin"}
    assert accepted_by("org:ci") == {"org:ci"}


def test_each_role_has_all_of_the_one_below() -> None:
    for lower, higher in pairwise(ROLES):
        assert ROLE_SCOPES[lower] < ROLE_SCOPES[higher]
        assert at_least(higher, lower)
        assert not at_least(lower, higher)
    assert ROLE_SCOPES["owner"] == set(SCOPES)
    assert set(SCOPES) - ROLE_SCOPES["manager"] == {"org:admin"}


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Web Shop", "web-shop"),
        ("  Ünïcode & Co. ", "unicode-co"),
        ("API", "api"),
        ("123", "123-x"),
        ("日本", "x"),
        ("new", "new-x"),
        ("under_score", "under_score"),
        ("a" * 80, "a" * 50),
    ],
)
def test_a_name_becomes_a_slug_that_will_do(name: str, slug: str) -> None:
    assert slugify(name, 50) == slug
    assert checked_slug(slug, 50) == slug


@pytest.mark.parametrize("slug", ["", "123", "-x", "a b", "ä", "new", "x" * 51, "a/b", "a.b"])
def test_a_slug_that_will_not_do_is_refused(slug: str) -> None:
    with pytest.raises(Invalid):
        checked_slug(slug, 50)


def test_a_free_slug_has_the_first_free_number_and_still_fits() -> None:
    taken = {"web", "web-2", "w" * 50}
    assert free_slug("web", 50, taken.__contains__) == "web-3"
    assert free_slug("w" * 50, 50, taken.__contains__) == "w" * 48 + "-2"


def test_options_leave_defaults_out_and_ignore_what_a_later_version_wrote() -> None:
    assert encode(ProjectOptions()) == {}
    options = ProjectOptions(retention_days=30, scrubbing=Scrubbing(rules=(ScrubRule("email"),)))
    assert decode(ProjectOptions, {**encode(options), "from_the_future": 1}) == options


def test_scrubbing_is_the_stricter_of_organization_and_project() -> None:
    organization = Scrubbing(enabled=False, sensitive_fields=("iban", "pin"), store_ips=False)
    project = Scrubbing(defaults=False, sensitive_fields=("pin", "cvv"), safe_fields=("code",))
    assert both(organization, project) == Scrubbing(
        enabled=True,
        defaults=True,
        sensitive_fields=("iban", "pin", "cvv"),
        safe_fields=("code",),
        store_ips=False,
    )


def test_what_the_pipeline_reads_is_a_function_of_the_options_alone() -> None:
    first = pipeline_config(1, OrganizationOptions(), ProjectOptions(subject_prefix="x"))
    assert first == pipeline_config(1, OrganizationOptions(default_role="admin"), ProjectOptions())
    assert decode(PipelineConfig, encode(first)) == first


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("path:src/* #web", ("path", "src/*", ["web"])),
        ("url:*/pay* #shop ADA@example.com", ("url", "*/pay*", ["shop", "ada@example.com"])),
        ("tags.region:eu #europe", ("tags.region", "eu", ["europe"])),
        ("  module:app.views.*   #web ", ("module", "app.views.*", ["web"])),
    ],
)
def test_an_ownership_rule_has_a_matcher_and_owners(line: str, found: tuple[str, str, list[str]]) -> None:
    (rule,) = parse_ownership(f"# rules\n\n{line}\n#\n")
    assert (rule.type, rule.pattern, [owner.identifier for owner in rule.owners]) == found


@pytest.mark.parametrize("line", ["path:x", "x #web", "colour:red #web", "path:x web", "path: #web", "#web"])
def test_an_ownership_rule_that_cannot_be_read_is_named_by_its_line(line: str) -> None:
    with pytest.raises(Invalid, match="line 2"):
        parse_ownership(f"# first\n{line}")


@pytest.mark.thorough
def test_a_password_is_argon2id_and_matches_only_itself() -> None:
    hashed = hash_password("correct horse")
    assert hashed.startswith("$argon2id$")
    assert matches(hashed, "correct horse")
    assert not matches(hashed, "correct hors")
    assert not matches(None, "correct horse")
    for bad in ("short", "x" * 1025):
        with pytest.raises(Invalid):
            hash_password(bad)

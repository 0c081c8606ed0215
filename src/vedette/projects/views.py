"""Values → the JSON shapes that Sentry's clients expect. Ids are strings, times end in `Z`."""

import msgspec

from vedette.core.time import to_iso
from vedette.projects.access import Access
from vedette.projects.values import User


class Avatar(msgspec.Struct, rename="camel"):
    avatar_type: str = "letter_avatar"
    avatar_uuid: str | None = None
    avatar_url: str | None = None


class EmailView(msgspec.Struct):
    id: str
    email: str
    is_verified: bool


class UserView(msgspec.Struct, rename="camel"):
    id: str
    name: str
    username: str
    email: str
    avatar_url: str | None
    is_active: bool
    has_password_auth: bool
    is_managed: bool
    date_joined: str
    last_login: str | None
    last_active: str | None
    has_2fa: bool = msgspec.field(name="has2fa")
    is_superuser: bool
    is_staff: bool
    experiments: dict[str, str]
    emails: list[EmailView]
    avatar: Avatar
    options: dict[str, object]


def user_view(user: User) -> UserView:
    return UserView(
        id=str(user.id),
        name=user.label,
        username=user.email,
        email=user.email,
        avatar_url=None,
        is_active=user.is_active,
        has_password_auth=user.has_password,
        is_managed=False,
        date_joined=to_iso(user.created_us),
        last_login=iso_or_none(user.last_login_us),
        last_active=iso_or_none(user.last_active_us),
        has_2fa=False,
        is_superuser=user.is_superuser,
        is_staff=False,
        experiments={},
        emails=[EmailView(str(user.id), user.email, True)],
        avatar=Avatar(),
        options=user.options,
    )


class Status(msgspec.Struct):
    id: str
    name: str


class OrganizationLinks(msgspec.Struct, rename="camel"):
    organization_url: str
    region_url: str


class OrganizationView(msgspec.Struct, rename="camel"):
    id: str
    slug: str
    name: str
    status: Status
    date_created: str
    is_early_adopter: bool
    require_2fa: bool = msgspec.field(name="require2FA")
    require_email_verification: bool
    has_auth_provider: bool
    features: list[str]
    avatar: Avatar
    links: OrganizationLinks
    allow_member_invite: bool
    allow_member_project_creation: bool
    allow_superuser_access: bool
    access: list[str]


def organization_view(access: Access, base_url: str) -> OrganizationView:
    organization = access.organization
    url = f"{base_url}/organizations/{organization.slug}/"
    return OrganizationView(
        id=str(organization.id),
        slug=organization.slug,
        name=organization.name,
        status=Status(organization.status, organization.status),
        date_created=to_iso(organization.created_us),
        is_early_adopter=False,
        require_2fa=False,
        require_email_verification=False,
        has_auth_provider=False,
        features=list(FEATURES),
        avatar=Avatar(),
        # Empty off https: sentry-mcp refuses any other address that is not https.
        links=OrganizationLinks(url, base_url if base_url.startswith("https://") else ""),
        allow_member_invite=organization.options.allow_member_invite,
        allow_member_project_creation=organization.options.allow_member_project_creation,
        allow_superuser_access=False,
        access=sorted(access.scopes),
    )


FEATURES = ("open-membership", "shared-issues", "releases")


def iso_or_none(at_us: int | None) -> str | None:
    return None if at_us is None else to_iso(at_us)

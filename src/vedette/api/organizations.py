"""Organizations."""

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from vedette.api.given import TheAccess, TheCaller, ThePage, TheServices
from vedette.projects.access import organizations_of
from vedette.projects.views import OrganizationView, organization_view


@get("/organizations/", sync_to_thread=True)
def list_organizations(
    services: TheServices, caller: TheCaller, page: ThePage
) -> Response[list[OrganizationView]]:
    """The organizations the caller belongs to, by slug."""
    with services.records.read() as session:
        found = organizations_of(session, caller)
    return page.whole([organization_view(access, services.settings.base_url) for access in found])


@get("/organizations/{org:str}/", sync_to_thread=True)
def read_organization(services: TheServices, access: TheAccess) -> OrganizationView:
    return organization_view(access, services.settings.base_url)


HANDLERS: list[ControllerRouterHandler] = [list_organizations, read_organization]

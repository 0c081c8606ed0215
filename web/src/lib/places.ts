/** What the settings hold, in groups; paths below the prefix. */
import { s } from '../parts/form/strings'

export interface PlaceGroup {
  label: string
  places: { label: string; path: string }[]
}

/** The pages around one organization, or around one of its projects. */
export function settingsPlaces(org: string, project: string): PlaceGroup[] {
  return project ? [projectPlaces(org, project)] : [organizationPlaces(org), accountPlaces(), serverPlaces()]
}

function group(label: string, base: string, pages: readonly (readonly [string, string])[]): PlaceGroup {
  return { label, places: pages.map(([path, text]) => ({ path: `${base}${path}`, label: text })) }
}

function organizationPlaces(org: string): PlaceGroup {
  return group(s.organization, `/settings/${org}/`, [
    ['', s.general],
    ['members/', s.members],
    ['teams/', s.teams],
    ['auth-tokens/', s.tokens],
    ['audit-log/', s.audit],
    ['stats/', s.stats],
    ['ai-prices/', s.prices],
  ])
}

function projectPlaces(org: string, project: string): PlaceGroup {
  return group(s.project, `/settings/${org}/projects/${project}/`, [
    ['', s.general],
    ['keys/', s.keys],
    ['filters/', s.filters],
    ['security-and-privacy/', s.scrubbing],
    ['issue-grouping/', s.grouping],
    ['alerts/', s.notifications],
    ['environments/', s.environments],
  ])
}

export function accountPlaces(): PlaceGroup {
  return group(s.account, '/settings/account/', [
    ['details/', s.profile],
    ['security/', s.security],
    ['appearance/', s.appearance],
    ['api/auth-tokens/', s.apiTokens],
  ])
}

function serverPlaces(): PlaceGroup {
  return group(s.server, '', [
    ['/settings/server/', s.health],
    ['/reference/api/', s.reference],
  ])
}

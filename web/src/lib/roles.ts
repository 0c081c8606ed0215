/** Roles and scopes as people choose them. */

export const ROLES = [
  ['member', 'Member', 'Sees projects of own and open teams, works on issues'],
  ['admin', 'Admin', 'Also manages own teams and their projects'],
  ['manager', 'Manager', 'Manages all teams, projects and members'],
  ['owner', 'Owner', 'Everything, also the organization itself'],
] as const

export const SCOPES = [
  ['org', ['org:read', 'org:write', 'org:admin', 'org:integrations', 'org:ci']],
  ['project', ['project:read', 'project:write', 'project:admin', 'project:releases']],
  ['team', ['team:read', 'team:write', 'team:admin']],
  ['member', ['member:read', 'member:write', 'member:admin', 'member:invite']],
  ['event', ['event:read', 'event:write', 'event:admin']],
  ['alerts', ['alerts:read', 'alerts:write']],
] as const

/** The roles as `[id, label]`, up to the one the caller has. */
export function rolesUpTo(own: string | undefined): (readonly [string, string])[] {
  const most = ROLES.findIndex(([id]) => id === own)
  return ROLES.slice(0, most < 0 ? ROLES.length : most + 1).map(([id, label]) => [id, label] as const)
}

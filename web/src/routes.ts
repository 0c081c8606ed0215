/** Which screen shows which path. Screens load when first needed; the issue stream comes with the shell. */
import type { Component } from 'svelte'
import Stream from './screens/issues/Stream.svelte'
import { match, type PathParams } from './lib/match'

type Screen = Component<Record<string, string>>
type Loader = () => Promise<{ default: Component<never> }>

export interface Route {
  name: string
  path: string
  /** without rail and top bar, open to people who are not signed in */
  bare?: boolean
  screen?: Component<never>
  load?: Loader
}

// pages of one screen share their loader, so that going between them keeps it
const account: Loader = () => import('./screens/account/Account.svelte')
const organization: Loader = () => import('./screens/organization/Organization.svelte')
const projectSettings: Loader = () => import('./screens/settings/Project.svelte')

export const routes: readonly Route[] = [
  { name: 'issues', path: '/organizations/:org/issues/', screen: Stream as Component<never> },
  { name: 'issue', path: '/organizations/:org/issues/:id/', load: () => import('./screens/issue/Details.svelte') },
  {
    name: 'event',
    path: '/organizations/:org/issues/:id/events/:event/',
    load: () => import('./screens/issue/Details.svelte'),
  },
  {
    name: 'trace',
    path: '/organizations/:org/traces/trace/:trace/',
    load: () => import('./screens/trace/Trace.svelte'),
  },
  {
    name: 'explore',
    path: '/organizations/:org/explore/:kind/',
    load: () => import('./screens/explore/Explore.svelte'),
  },
  {
    name: 'transaction',
    path: '/organizations/:org/insights/summary/',
    load: () => import('./screens/insights/Summary.svelte'),
  },
  {
    name: 'insights',
    path: '/organizations/:org/insights/:page/',
    load: () => import('./screens/insights/Insights.svelte'),
  },
  { name: 'short', path: '/i/:short/', load: () => import('./screens/Short.svelte') },
  { name: 'short-event', path: '/e/:event/', load: () => import('./screens/Short.svelte') },
  { name: 'shared', path: '/share/issue/:share/', bare: true, load: () => import('./screens/SharedIssue.svelte') },
  { name: 'login', path: '/auth/login/', bare: true, load: () => import('./screens/Login.svelte') },
  { name: 'setup', path: '/setup/', bare: true, load: () => import('./screens/entry/Setup.svelte') },
  { name: 'recover', path: '/auth/recover/', bare: true, load: () => import('./screens/entry/Recover.svelte') },
  { name: 'reset', path: '/auth/reset/', bare: true, load: () => import('./screens/entry/Reset.svelte') },
  { name: 'invite', path: '/invites/:token/', bare: true, load: () => import('./screens/entry/Invite.svelte') },
  { name: 'projects', path: '/organizations/:org/projects/', load: () => import('./screens/projects/List.svelte') },
  {
    name: 'new-project',
    path: '/organizations/:org/projects/new/',
    load: () => import('./screens/projects/New.svelte'),
  },
  {
    name: 'project',
    path: '/organizations/:org/projects/:slug/',
    load: () => import('./screens/projects/Overview.svelte'),
  },
  {
    name: 'getting-started',
    path: '/organizations/:org/projects/:slug/getting-started/',
    load: () => import('./screens/projects/GettingStarted.svelte'),
  },
  { name: 'account', path: '/settings/account/', load: account },
  { name: 'account-page', path: '/settings/account/:page/', load: account },
  { name: 'account-tokens', path: '/settings/account/api/:page/', load: account },
  { name: 'server', path: '/settings/server/', load: () => import('./screens/server/Health.svelte') },
  { name: 'reference', path: '/reference/api/', load: () => import('./screens/reference/Reference.svelte') },
  { name: 'organization', path: '/settings/:org/', load: organization },
  { name: 'organization-page', path: '/settings/:org/:page/', load: organization },
  { name: 'team', path: '/settings/:org/teams/:team/', load: () => import('./screens/organization/Team.svelte') },
  { name: 'project-settings', path: '/settings/:org/projects/:slug/', load: projectSettings },
  { name: 'project-settings-page', path: '/settings/:org/projects/:slug/:page/', load: projectSettings },
]

export interface Found {
  route: Route
  params: PathParams
}

/** The route of a path, or null for an unknown one. */
export function find(path: string): Found | null {
  for (const route of routes) {
    const params = match(route.path, path)
    if (params) return { route, params }
  }
  return null
}

const loaded = new Map<Loader, Promise<Screen>>()

/** The screen of a route, loaded once. */
export function screenOf(route: Route): Screen | Promise<Screen> {
  if (route.screen) return route.screen as Screen
  const load = route.load as Loader
  let screen = loaded.get(load)
  if (!screen) {
    screen = load().then((found) => found.default as Screen)
    screen.catch(() => loaded.delete(load))
    loaded.set(load, screen)
  }
  return screen
}

/** Loads a screen ahead of the click. */
export function prefetch(name: string): void {
  const route = routes.find((one) => one.name === name)
  if (route) void Promise.resolve(screenOf(route)).catch(() => undefined)
}

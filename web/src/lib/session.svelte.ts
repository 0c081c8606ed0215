/** The organization at work, and what is known of it: projects, environments, members. Loaded once, shared. */
import { get } from './api'
import { boot } from './boot'
import { keep, kept } from './store'
import type { Member, Organization, Project, Team, User } from './types'

class Session {
  user = $state<User | null>(boot.user)
  organizations = $state<Organization[]>(boot.organizations)
  slug = $state(kept('org', boot.organizations[0]?.slug ?? ''))
  projects = $state<Project[]>([])
  environments = $state<string[]>([])
  members = $state<Member[]>([])
  teams = $state<Team[]>([])
  /** whether the projects are known, be it that there are none */
  settled = $state(false)
  #loaded = ''
  #people = ''

  get organization(): Organization | undefined {
    return this.organizations.find((one) => one.slug === this.slug) ?? this.organizations[0]
  }

  /** Makes an organization the one at work and loads what filters and menus show of it. */
  enter(slug: string): void {
    if (this.slug !== slug) {
      this.slug = slug
      keep('org', slug)
    }
    if (!slug || this.#loaded === slug || !this.user) return
    this.#loaded = slug
    void this.reload()
  }

  async reload(): Promise<void> {
    const base = `/organizations/${this.slug}`
    const [projects, environments] = await Promise.allSettled([
      get<Project[]>(`${base}/projects/`, { per_page: 100 }),
      get<{ name: string }[]>(`${base}/environments/`),
    ])
    this.settled = projects.status === 'fulfilled'
    if (projects.status === 'fulfilled') this.projects = projects.value.data
    else this.#loaded = ''
    if (environments.status === 'fulfilled') this.environments = environments.value.data.map((one) => one.name)
  }

  /** Members and teams, for assigning; asked for when a menu first needs them. */
  async people(): Promise<void> {
    if (this.#people === this.slug) return
    this.#people = this.slug
    const base = `/organizations/${this.slug}`
    const [members, teams] = await Promise.allSettled([
      get<Member[]>(`${base}/members/`, { per_page: 100 }),
      get<Team[]>(`${base}/teams/`, { per_page: 100 }),
    ])
    if (members.status === 'fulfilled') this.members = members.value.data
    if (teams.status === 'fulfilled') this.teams = teams.value.data
    if (members.status === 'rejected') this.#people = ''
  }

  project(id: string): Project | undefined {
    return this.projects.find((one) => one.id === id || one.slug === id)
  }

  /** Whether the role at work includes a scope; unknown access is left to the server to judge. */
  may(scope: string): boolean {
    const access = this.organization?.access
    return !access || access.includes(scope)
  }
}

export const session = new Session()
if (!session.organizations.some((one) => one.slug === session.slug)) session.slug = boot.organizations[0]?.slug ?? ''

/** The organization at work, and what is known of it: projects, environments, members. Loaded once, when a page first
 * looks, and shared. */
import { get } from './api'
import { boot } from './boot'
import { keep, kept } from './store'
import type { Member, Organization, Project, Team, User } from './types'

interface Known {
  projects: readonly Project[]
  environments: readonly string[]
  isSettled: boolean
}

class Session {
  user = $state<User | null>(boot.user)
  organizations = $state<Organization[]>(boot.organizations)
  slug = $state(kept('org', boot.organizations[0]?.slug ?? ''))
  members = $state<Member[]>([])
  teams = $state<Team[]>([])
  #known = $state.raw<Known>({ projects: [], environments: [], isSettled: false })
  #loaded = ''
  #failed = false
  #people = ''

  get organization(): Organization | undefined {
    return this.organizations.find((one) => one.slug === this.slug) ?? this.organizations[0]
  }

  get projects(): readonly Project[] {
    return this.#looked().projects
  }

  get environments(): readonly string[] {
    return this.#looked().environments
  }

  /** whether the projects are known, be it that there are none */
  get settled(): boolean {
    return this.#looked().isSettled
  }

  /** Makes an organization the one at work. What could not be loaded is tried again on the page that it enters. */
  enter(slug: string): void {
    if (this.#failed) this.#loaded = ''
    if (this.slug === slug) return
    this.slug = slug
    keep('org', slug)
  }

  /** What is known by now; who looks first has it loaded. */
  #looked(): Known {
    const { slug } = this
    if (slug && this.user && this.#loaded !== slug) {
      this.#loaded = slug
      void this.reload()
    }
    return this.#known
  }

  async reload(): Promise<void> {
    const { slug } = this
    const base = `/organizations/${slug}`
    const [projects, environments] = await Promise.allSettled([
      get<Project[]>(`${base}/projects/`, { per_page: 100 }),
      get<{ name: string }[]>(`${base}/environments/`),
    ])
    if (slug !== this.slug) return
    const isSettled = projects.status === 'fulfilled'
    this.#failed = !isSettled
    this.#known = {
      projects: isSettled ? projects.value.data : this.#known.projects,
      environments:
        environments.status === 'fulfilled' ? environments.value.data.map((one) => one.name) : this.#known.environments,
      isSettled,
    }
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

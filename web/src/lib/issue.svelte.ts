/** One issue and the event of it on show. Neighbours are fetched ahead, so stepping costs nothing. */
import { applied, reverse, type Change } from './actions.svelte'
import { getAhead } from './ahead'
import { ApiError, get, send, withParams } from './api'
import { issuePath } from './issues'
import { go, here, to } from './router.svelte'
import { scopeParams } from './scope'
import { stream } from './stream.svelte'
import { s } from './strings'
import { toasts } from './toasts.svelte'
import type { EventDetail, IssueDetail, TagSummary } from './types'

const KEPT_EVENTS = 24
const ALL_TIME = ''

/** Filters of the events one steps through. */
export function eventScope(params: URLSearchParams): string {
  const { project: _, ...scope } = scopeParams(params, ALL_TIME)
  return withParams('', { ...scope, query: params.get('query') || null })
}

export class OpenIssue {
  issue = $state.raw<IssueDetail | null>(null)
  event = $state.raw<EventDetail | null>(null)
  error = $state.raw<unknown>(null)
  eventError = $state.raw<unknown>(null)
  /** tags of all events in scope, with their commonest values */
  tags = $state.raw<TagSummary[]>([])
  tagsKnown = $state(false)
  /** whether the server has said all it will of the issue: before, it is what the list knew */
  isSettled = $state(false)
  busy = $state(false)
  readonly #events = new Map<string, Promise<EventDetail>>()
  #wanted = ''

  constructor(
    readonly org: string,
    readonly id: string,
  ) {
    const row = stream.rows.find((one) => one.id === id || one.shortId === id)
    // what the list knew is enough for the header until the answer comes
    if (row)
      this.issue = {
        activity: [],
        seenBy: [],
        participants: [],
        userReportCount: 0,
        firstRelease: null,
        lastRelease: null,
        tags: [],
        ...row,
      }
    void this.load()
  }

  get path(): string {
    return `/organizations/${this.org}/issues/${this.id}`
  }

  async load(): Promise<void> {
    try {
      this.issue = (await getAhead<IssueDetail>(`${this.path}/`)).data
      if (this.issue.id !== this.id) this.#lead(this.issue)
      this.error = null
      stream.patch(this.id, { ...this.issue, hasSeen: true })
      if (!this.issue.hasSeen) void send('PUT', `${this.path}/`, { hasSeen: true }).catch(() => undefined)
    } catch (error) {
      this.error = error
    }
    this.isSettled = true
  }

  /** The server answered with another issue: a short id was asked for, or this one was merged into it. */
  #lead(found: IssueDetail): void {
    if (/^\d+$/.test(this.id)) toasts.show(s.mergedInto(found.shortId))
    go(to(issuePath(this.org, found.id), here.params), { replace: true })
  }

  async loadTags(scope: string, signal: AbortSignal): Promise<void> {
    const path = `${this.path}/tags/${scope}${scope ? '&' : '?'}limit=10`
    const answer = await get<TagSummary[]>(path, {}, signal).catch(() => null)
    if (signal.aborted) return
    if (answer) this.tags = answer.data
    this.tagsKnown = true
  }

  /** Shows one event: an id, `latest`, `oldest` or `recommended`. */
  async show(event: string, scope: string): Promise<void> {
    const wanted = (this.#wanted = event + scope)
    this.busy = true
    try {
      const found = await this.#event(event, scope)
      if (wanted !== this.#wanted) return
      this.event = found
      this.eventError = null
      this.#ahead(found, scope)
    } catch (error) {
      if (wanted === this.#wanted) this.eventError = error
    }
    if (wanted === this.#wanted) this.busy = false
  }

  #event(event: string, scope: string): Promise<EventDetail> {
    const key = event + scope
    const kept = this.#events.get(key)
    if (kept) return kept
    const asked = getAhead<EventDetail>(`${this.path}/events/${event}/${scope}`).then((answer) => answer.data)
    this.#events.set(key, asked)
    asked.catch(() => this.#events.delete(key))
    const oldest = this.#events.keys().next().value
    if (this.#events.size > KEPT_EVENTS && oldest !== undefined) this.#events.delete(oldest)
    return asked
  }

  #ahead(event: EventDetail, scope: string): void {
    for (const id of [event.nextEventID, event.previousEventID]) {
      if (id) void this.#event(id, scope).catch(() => undefined)
    }
  }

  /** Forgets `latest`, whose meaning changed. */
  stale(): void {
    for (const key of this.#events.keys()) if (/^(latest|recommended)/.test(key)) this.#events.delete(key)
  }

  /** Changes the issue at once, tells the server, offers the way back. */
  async change(change: Change, done: string): Promise<void> {
    const before = this.issue
    if (!before) return
    this.issue = { ...before, ...applied(before, change) }
    try {
      const answer = await send<IssueDetail>('PUT', `${this.path}/`, change)
      this.issue = { ...before, ...answer }
      stream.patch(before.id, answer)
      toasts.show(s.did(done, before.shortId), { undo: () => void this.#undo(before, change) })
    } catch (error) {
      this.issue = before
      toasts.fail(error)
    }
  }

  async #undo(before: IssueDetail, change: Change): Promise<void> {
    this.issue = before
    try {
      this.issue = { ...before, ...(await send<IssueDetail>('PUT', `${this.path}/`, reverse(before, change))) }
      stream.patch(before.id, this.issue)
    } catch (error) {
      toasts.fail(error)
    }
  }
}

/** Whether an error means that what was asked for is not there. */
export function missing(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404
}

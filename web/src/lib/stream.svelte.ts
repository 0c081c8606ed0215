/** The issue list as the browser holds it: kept while one looks at an issue, patched in place, undone. */
import { SvelteSet } from 'svelte/reactivity'
import { applied, reverse, type Change } from './actions.svelte'
import { get, getFirst, send } from './api'
import { s } from './strings'
import { toasts } from './toasts.svelte'
import { tokenize, values } from './query'
import type { Cursors } from './link'
import type { Issue } from './types'

/** Whether an issue so changed no longer belongs into a list of this query. */
export function leaves(query: string, change: Change): boolean {
  if (!change.status) return false
  const states = tokenize(query)
    .filter((token) => token.key === 'is' && !token.negated)
    .flatMap((token) => values(token.value))
  const gone: Record<string, string[]> = {
    resolved: ['unresolved', 'for_review', 'regressed', 'escalating', 'new', 'ongoing', 'archived', 'ignored'],
    ignored: ['unresolved', 'for_review', 'regressed', 'escalating', 'new', 'ongoing', 'resolved'],
    unresolved: ['resolved', 'archived', 'ignored'],
  }
  return states.some((state) => gone[change.status ?? '']?.includes(state))
}

export class Stream {
  rows = $state.raw<Issue[]>([])
  cursors = $state.raw<Cursors>({ previous: null, next: null })
  hits = $state<number | null>(null)
  busy = $state(false)
  error = $state.raw<unknown>(null)
  selected = new SvelteSet<string>()
  /** a newer answer to the same question, waiting to be shown */
  waiting = $state.raw<{ rows: Issue[]; cursors: Cursors; hits: number | null } | null>(null)
  news = $state(0)
  /** grows with every change made here, for what counts issues */
  changes = $state(0)
  request = ''
  org = ''
  query = ''
  #stop: AbortController | null = null

  /** Shows the answer to a request; the one shown already stays until it comes. */
  async load(org: string, request: string, query: string): Promise<void> {
    this.org = org
    this.query = query
    if (request !== this.request) this.selected.clear()
    this.request = request
    this.#stop?.abort()
    const stop = (this.#stop = new AbortController())
    this.busy = true
    try {
      // what came with the page is shown before anything is drawn: no frame without rows
      const first = getFirst<Issue[]>(request)
      const { data, hits, ...cursors } = first ?? (await get<Issue[]>(request, undefined, stop.signal))
      this.#show({ rows: data, hits, cursors })
      this.error = null
    } catch (error) {
      if (!stop.signal.aborted) this.error = error
    }
    if (this.#stop === stop) this.busy = false
  }

  cancel(): void {
    this.#stop?.abort()
    this.busy = false
  }

  /** Asks again without moving anything: known rows are patched, new ones wait. */
  async refresh(): Promise<void> {
    const request = this.request
    if (!request || this.busy) return
    const answer = await get<Issue[]>(request).catch(() => null)
    if (!answer || request !== this.request) return
    const { data, hits, ...cursors } = answer
    const fresh = new Map(data.map((issue) => [issue.id, issue]))
    const known = new Set(this.rows.map((issue) => issue.id))
    this.rows = this.rows.map((issue) => fresh.get(issue.id) ?? issue)
    this.news = data.filter((issue) => !known.has(issue.id)).length
    this.waiting = { rows: data, hits, cursors }
    if (!this.rows.length) this.showNews()
  }

  showNews(): void {
    if (this.waiting) this.#show(this.waiting)
  }

  #show(answer: { rows: Issue[]; cursors: Cursors; hits: number | null }): void {
    this.rows = answer.rows
    this.cursors = answer.cursors
    this.hits = answer.hits
    this.waiting = null
    this.news = 0
    for (const id of [...this.selected]) if (!answer.rows.some((issue) => issue.id === id)) this.selected.delete(id)
  }

  patch(id: string, issue: Issue): void {
    this.rows = this.rows.map((one) => (one.id === id ? { ...one, ...issue } : one))
  }

  /** Changes issues at once, tells the server, offers the way back. */
  async change(ids: string[], change: Change, done: string): Promise<void> {
    const before = this.rows
    const touched = before.filter((issue) => ids.includes(issue.id))
    const drop = leaves(this.query, change)
    this.rows = before.flatMap((issue) => {
      if (!ids.includes(issue.id)) return [issue]
      return drop ? [] : [applied(issue, change)]
    })
    const hits = this.hits
    if (drop) {
      for (const id of ids) this.selected.delete(id)
      if (hits !== null) this.hits = hits - touched.length
    }
    try {
      const answer = await send<Partial<Issue> | null>('PUT', `/organizations/${this.org}/issues/`, change, { id: ids })
      this.changes += 1
      if (change.assignedTo && answer?.assignedTo !== undefined) this.#assigned(ids, answer.assignedTo)
      const what = ids.length === 1 ? (touched[0]?.shortId ?? s.anIssue) : s.issues(ids.length)
      toasts.show(s.did(done, what), { undo: () => void this.#undo(before, hits, touched, change) })
    } catch (error) {
      this.rows = before
      this.hits = hits
      toasts.fail(error)
    }
  }

  #assigned(ids: string[], actor: Issue['assignedTo']): void {
    this.rows = this.rows.map((issue) => (ids.includes(issue.id) ? { ...issue, assignedTo: actor } : issue))
  }

  async #undo(before: Issue[], hits: number | null, touched: Issue[], change: Change): Promise<void> {
    this.rows = before
    this.hits = hits
    const groups = new Map<string, string[]>()
    for (const issue of touched) {
      const back = JSON.stringify(reverse(issue, change))
      groups.set(back, [...(groups.get(back) ?? []), issue.id])
    }
    const path = `/organizations/${this.org}/issues/`
    const sent = [...groups].map(([back, ids]) => send('PUT', path, JSON.parse(back), { id: ids }))
    await Promise.all(sent).catch((error: unknown) => toasts.fail(error))
    this.changes += 1
  }

  /** Everything the query matches, also beyond this page. The server takes at most 1000 at once. */
  async changeAll(change: Change, done: string): Promise<void> {
    try {
      await send('PUT', this.request.replace(/([?&])(cursor|limit|groupStatsPeriod|sort)=[^&]*/g, '$1'), change)
      toasts.show(s.did(done, s.allMatching))
    } catch (error) {
      toasts.fail(error)
    }
    this.selected.clear()
    await this.load(this.org, this.request, this.query)
  }

  async merge(ids: string[]): Promise<void> {
    try {
      const answer = await send<{ merge: { parent: string; children: string[] } }>(
        'PUT',
        `/organizations/${this.org}/issues/`,
        { merge: 1 },
        { id: ids },
      )
      const children = answer.merge.children
      this.rows = this.rows.filter((issue) => !children.includes(issue.id))
      this.changes += 1
      this.selected.clear()
      toasts.show(s.merged(children.length + 1))
      await this.refresh()
      this.showNews()
    } catch (error) {
      toasts.fail(error)
    }
  }

  async remove(ids: string[]): Promise<void> {
    const before = this.rows
    this.rows = before.filter((issue) => !ids.includes(issue.id))
    try {
      await send('DELETE', `/organizations/${this.org}/issues/`, undefined, { id: ids })
      this.selected.clear()
      this.changes += 1
      toasts.show(s.deleted(ids.length))
    } catch (error) {
      this.rows = before
      toasts.fail(error)
    }
  }
}

/** One list for the whole session: going back to it costs nothing. */
export const stream = new Stream()

/** What a project has sent and what was refused, as it happens: news of the live stream, and a look now and then. */
import { get } from './api'
import { news } from './news.svelte'
import type { LiveMessage, Project } from './types'

const LOOK_MS = 4_000 // a look at the project, for servers and proxies without a stream
const MOST_REFUSED = 8

export interface Refused {
  at: string
  reason: string
  detail: string
}
/** Flags of a project that say which signals have come. */
export type Flags = Project &
  Partial<
    Record<
      | 'firstTransactionEvent'
      | 'hasSessions'
      | 'hasLogs'
      | 'hasTraceMetrics'
      | 'hasMonitors'
      | 'hasReplays'
      | 'hasProfiles'
      | 'hasFeedbacks',
      boolean
    >
  >

const FLAG: Record<string, (project: Flags) => boolean> = {
  error: (project) => Boolean(project.firstEvent),
  transaction: (project) => project.firstTransactionEvent ?? false,
  session: (project) => project.hasSessions ?? false,
  log_item: (project) => project.hasLogs ?? false,
  trace_metric: (project) => project.hasTraceMetrics ?? false,
  monitor: (project) => project.hasMonitors ?? false,
  replay: (project) => project.hasReplays ?? false,
  profile: (project) => project.hasProfiles ?? false,
  feedback: (project) => project.hasFeedbacks ?? false,
}
const SAME: Record<string, string> = {
  default: 'error',
  security: 'error',
  span: 'transaction',
  profile_chunk: 'profile',
  log_byte: 'log_item',
  metric_bucket: 'trace_metric',
}

/** The signal a data category stands for. */
export function signalOf(category: string): string {
  return SAME[category] ?? category
}

export class Waiting {
  project = $state.raw<Flags | null>(null)
  error = $state.raw<unknown>(null)
  /** when each signal came in while somebody looked, by name */
  seen = $state<Record<string, string>>({})
  refused = $state.raw<Refused[]>([])
  /** issue of the newest event */
  issue = $state<string | null>(null)

  has(signal: string): boolean {
    return signal in this.seen || (this.project !== null && (FLAG[signal]?.(this.project) ?? false))
  }

  get anything(): boolean {
    return Object.keys(FLAG).some((signal) => this.has(signal))
  }

  /** Looks and listens until the returned function is called. */
  watch(org: string, slug: string): () => void {
    const path = `/projects/${org}/${slug}/`
    const look = () => void this.#look(path)
    look()
    const timer = setInterval(() => !document.hidden && !this.project?.firstEvent && look(), LOOK_MS)
    const end = news.listen([`project:${slug}`, 'issues'], (message) => {
      if (message === null) look()
      else this.hear(message, slug)
      if (message?.topic === 'issues' && !this.project?.firstEvent) look()
    })
    return () => {
      clearInterval(timer)
      end()
    }
  }

  hear(message: LiveMessage, slug: string): void {
    if (message.topic !== `project:${slug}`) return
    if (message.kind === 'received') {
      this.seen[signalOf(message.category ?? 'error')] = message.at
      if (message.issue) this.issue = message.issue
    } else if (message.kind === 'rejected') {
      const one = { at: message.at, reason: message.reason ?? '', detail: message.detail ?? '' }
      this.refused = [one, ...this.refused].slice(0, MOST_REFUSED)
    }
  }

  async #look(path: string): Promise<void> {
    try {
      this.project = (await get<Flags>(path)).data
      this.error = null
    } catch (caught) {
      if (!this.project) this.error = caught
    }
  }
}

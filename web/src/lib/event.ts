/** What an event says, sorted for the page: highlights, contexts, crumbs, the request, notes on processing. */
import { entry, stackText, stacksOf } from './frames'
import { headline, place } from './issues'
import { eventUser } from './people'
import type { Crumb, EventDetail, Issue, RequestData } from './types'

export function tag(event: EventDetail, key: string): string | null {
  return event.tags.find((one) => one.key === key)?.value ?? null
}

interface Highlight {
  name: string
  /** key the value can be searched with, empty where it cannot */
  key: string
  read: (event: EventDetail) => unknown
}

function words(context: Record<string, unknown> | null | undefined): string {
  return [context?.['name'], context?.['version']].filter(Boolean).join(' ')
}

/** Highlights that are more than a tag of the same name. */
export const HIGHLIGHTS: Record<string, Highlight> = {
  environment: { name: 'Environment', key: 'environment', read: (event) => tag(event, 'environment') },
  release: { name: 'Release', key: 'release', read: (event) => event.release?.version ?? tag(event, 'release') },
  transaction: { name: 'Transaction', key: 'transaction', read: (event) => tag(event, 'transaction') },
  url: { name: 'URL', key: 'url', read: (event) => tag(event, 'url') ?? entry(event, 'request')?.url },
  user: { name: 'User', key: 'user', read: (event) => eventUser(event.user)?.value },
  handled: { name: 'Handled', key: 'handled', read: (event) => tag(event, 'handled') },
  runtime: {
    name: 'Runtime',
    key: 'runtime',
    read: (event) => tag(event, 'runtime') ?? words(event.contexts['runtime']),
  },
  browser: { name: 'Browser', key: 'browser', read: (event) => tag(event, 'browser') },
  server_name: { name: 'Server', key: 'server_name', read: (event) => tag(event, 'server_name') },
  trace: { name: 'Trace', key: 'trace', read: (event) => event.contexts['trace']?.['trace_id'] },
}
export const DEFAULT_HIGHLIGHTS: readonly string[] = Object.keys(HIGHLIGHTS)

/** Name, value and search key of what the project wants to see first; absent ones are left out. */
export function highlights(
  event: EventDetail,
  wanted: readonly string[] = DEFAULT_HIGHLIGHTS,
): { name: string; value: string; key: string }[] {
  const user = eventUser(event.user)
  return wanted.flatMap((id) => {
    const { name, key, read } = HIGHLIGHTS[id] ?? { name: id, key: id, read: () => tag(event, id) }
    const value = read(event)
    return value ? [{ name, value: String(value), key: id === 'user' ? (user?.key ?? '') : key }] : []
  })
}

const CONTEXT_ORDER = [
  'user',
  'browser',
  'os',
  'device',
  'app',
  'runtime',
  'gpu',
  'culture',
  'trace',
  'state',
  'response',
]
const HIDDEN_CONTEXTS = new Set(['flags', 'replay', 'profile', 'reprocessing'])

/** Contexts in a steady order, with titles, without their `type`. */
export function contexts(event: EventDetail): { id: string; title: string; pairs: [string, unknown][] }[] {
  const rank = (id: string) => (CONTEXT_ORDER.includes(id) ? CONTEXT_ORDER.indexOf(id) : CONTEXT_ORDER.length)
  const all: [string, Record<string, unknown> | null][] = [...Object.entries(event.contexts), ...userContext(event)]
  return all
    .filter(([id, data]) => data && !HIDDEN_CONTEXTS.has(id))
    .map(([id, data]) => ({ id, title: title(id, data ?? {}), pairs: pairsOf(data ?? {}) }))
    .filter((one) => one.pairs.length > 0)
    .sort((a, b) => rank(a.id) - rank(b.id))
}

function userContext(event: EventDetail): [string, Record<string, unknown>][] {
  if (!event.user) return []
  const { data, geo, ...rest } = event.user
  return [['user', { ...rest, ...(geo ? { geo } : {}), ...(data ?? {}) }]]
}

function pairsOf(data: Record<string, unknown>): [string, unknown][] {
  return Object.entries(data).filter(
    ([key, value]) => key !== 'type' && value !== null && value !== undefined && value !== '',
  )
}

function title(id: string, data: Record<string, unknown>): string {
  const names: Record<string, string> = { os: 'Operating system', gpu: 'GPU', app: 'App', ai: 'AI' }
  const type = typeof data['type'] === 'string' && data['type'] !== 'default' ? data['type'] : id
  return names[id] ?? names[type] ?? id.charAt(0).toUpperCase() + id.slice(1).replaceAll('_', ' ')
}

/** Feature flags the program had evaluated. */
export function flags(event: EventDetail): [string, unknown][] {
  const values = (event.contexts['flags'] as { values?: { flag: string; result: unknown }[] } | null | undefined)
    ?.values
  return (values ?? []).map((one) => [one.flag, one.result])
}

export interface ShownCrumb {
  kind: 'http' | 'error' | 'query' | 'navigation' | 'user' | 'debug' | 'default'
  text: string
  /** what is left to show below the line */
  rest: Record<string, unknown> | null
  bad: boolean
}

/** One line for a breadcrumb; HTTP and queries are told by their parts. */
export function crumbLine(crumb: Crumb): ShownCrumb {
  const data = crumb.data ?? {}
  const bad = ['error', 'fatal', 'critical'].includes(crumb.level ?? '')
  if (
    crumb.type === 'http' ||
    data['status_code'] !== undefined ||
    ['xhr', 'fetch', 'httplib'].includes(crumb.category ?? '')
  ) {
    const { method, url, status_code: status, reason, ...rest } = data
    const text = [method ?? 'GET', url, status ? `[${String(status)}]` : '', reason, crumb.message]
      .filter(Boolean)
      .join(' ')
    return { kind: 'http', text, rest: some(rest), bad: bad || Number(status) >= 400 }
  }
  if (crumb.type === 'navigation' || crumb.category === 'navigation') {
    const { from, to, ...rest } = data
    return {
      kind: 'navigation',
      text: from || to ? `${String(from ?? '')} → ${String(to ?? '')}` : (crumb.message ?? ''),
      rest: some(rest),
      bad,
    }
  }
  const kind = crumbKind(crumb, bad)
  return { kind, text: crumb.message ?? '', rest: some(data), bad }
}

/** Neighbours that say the same as one, the last of them, with how many they are. */
export function foldAlike<T>(list: readonly T[], says: (one: T) => string): { one: T; times: number }[] {
  const folded: { one: T; times: number; text: string }[] = []
  for (const one of list) {
    const text = says(one)
    const last = folded.at(-1)
    if (last?.text === text) Object.assign(last, { one, times: last.times + 1 })
    else folded.push({ one, times: 1, text })
  }
  return folded.map(({ one, times }) => ({ one, times }))
}

function crumbKind(crumb: Crumb, bad: boolean): ShownCrumb['kind'] {
  if (crumb.category === 'exception' || crumb.type === 'error' || bad) return 'error'
  if (crumb.category === 'query' || crumb.type === 'query') return 'query'
  if (crumb.category?.startsWith('ui') || crumb.type === 'ui' || crumb.type === 'user') return 'user'
  return crumb.type === 'debug' || crumb.category === 'console' ? 'debug' : 'default'
}

function some(data: Record<string, unknown>): Record<string, unknown> | null {
  return Object.keys(data).length ? data : null
}

/** A shell line that sends the request again; what was scrubbed stays scrubbed. */
export function requestCurl(request: RequestData): string {
  const parts = ['curl']
  if (request.method && request.method !== 'GET') parts.push(`-X ${shell(request.method)}`)
  for (const [name, value] of request.headers ?? []) {
    if (!/^(host|content-length|connection)$/i.test(name)) parts.push(`-H ${shell(`${name}: ${value}`)}`)
  }
  if (request.cookies?.length)
    parts.push(`-b ${shell(request.cookies.map(([name, value]) => `${name}=${value}`).join('; '))}`)
  if (request.data != null)
    parts.push(`--data ${shell(typeof request.data === 'string' ? request.data : JSON.stringify(request.data))}`)
  parts.push(shell(fullUrl(request)))
  return parts.join(' \\\n  ')
}

export function fullUrl(request: RequestData): string {
  const query = typeof request.query === 'string' ? request.query : new URLSearchParams(request.query ?? []).toString()
  const url = request.url ?? ''
  return query && !url.includes('?') ? `${url}?${query.replace(/^\?/, '')}` : url
}

function shell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

export interface Note {
  what: string
  about: string
}

const NOTES: Record<string, string> = {
  clock_drift: 'Clock of the sender was off',
  value_too_long: 'A value was cut',
  invalid_data: 'A value was dropped because it was malformed',
  invalid_attribute: 'An unknown attribute was dropped',
  missing_attribute: 'A required attribute was missing',
  past_timestamp: 'The event was too old; its time was corrected',
  future_timestamp: 'The event lay in the future; its time was corrected',
  js_no_source: 'A source file was not found',
}

/** What happened to the event on its way in: errors, cuts, scrubbed fields. */
export function notes(event: EventDetail): Note[] {
  const errors = event.errors.map((error) => ({
    what: NOTES[error.type] ?? error.type.replaceAll('_', ' '),
    about:
      error.message ??
      Object.entries(error.data ?? {})
        .map(([key, value]) => `${key}: ${String(value)}`)
        .join(', '),
  }))
  return [...errors, ...remarks(event._meta, '')]
}

/** `_meta` mirrors the payload: `{path: {"": {rem: [[rule, kind]], len}}}`. */
function remarks(meta: unknown, path: string): Note[] {
  if (typeof meta !== 'object' || meta === null) return []
  return Object.entries(meta).flatMap(([key, value]): Note[] => {
    if (key !== '') return remarks(value, path ? `${path}.${key}` : key)
    const own = value as { rem?: [string, string][]; len?: number; err?: unknown[] }
    const scrubbed = (own.rem ?? []).map(([rule]) => ({ what: 'Scrubbed or cut', about: `${path} (${rule})` }))
    return scrubbed.length || !own.len ? scrubbed : [{ what: 'Cut', about: `${path}, ${own.len} characters long` }]
  })
}

/** Issue and event as Markdown, for a chat or a coding agent. Fences cannot be closed from inside. */
export function markdown(issue: Issue, event: EventDetail | null): string {
  const { head, rest } = headline(issue)
  const parts = [`## ${issue.shortId}: ${oneLine(head)}`]
  if (rest) parts.push(fence(issue.metadata.value ?? rest))
  parts.push(
    [
      `- **Link:** ${issue.permalink}`,
      `- **Status:** ${issue.status}${issue.substatus ? ` (${issue.substatus})` : ''}, **level:** ${issue.level}`,
      `- **Where:** ${oneLine(place(issue))}`,
      `- **Events:** ${issue.count}, **users:** ${issue.userCount}`,
      `- **First seen:** ${issue.firstSeen}, **last seen:** ${issue.lastSeen}`,
    ].join('\n'),
  )
  if (event) parts.push(...eventMarkdown(event))
  return `${parts.join('\n\n')}\n`
}

function eventMarkdown(event: EventDetail): string[] {
  const parts = [`### Event ${event.eventID}, ${event.dateCreated}`]
  const facts = highlights(event).map((one) => `- **${one.name}:** ${oneLine(one.value)}`)
  if (facts.length) parts.push(facts.join('\n'))
  const message = entry(event, 'message')
  if (message?.formatted) parts.push(fence(message.formatted))
  const { values } = stacksOf(event)
  if (values.length) parts.push('### Stack trace', fence(stackText(values, event.platform)))
  const vars = suspectVars(event)
  if (vars) parts.push('### Local variables', fence(vars))
  const crumbs = entry(event, 'breadcrumbs')?.values.slice(-10) ?? []
  if (crumbs.length)
    parts.push(
      '### Last breadcrumbs',
      fence(
        crumbs.map((crumb) => `${crumb.timestamp ?? ''} ${crumb.category ?? ''}: ${crumbLine(crumb).text}`).join('\n'),
      ),
    )
  return parts
}

function suspectVars(event: EventDetail): string | null {
  const frames = stacksOf(event).values.at(-1)?.stacktrace?.frames ?? []
  const frame = frames.findLast((one) => one.inApp && one.vars && Object.keys(one.vars).length)
  if (!frame?.vars) return null
  return Object.entries(frame.vars)
    .map(([name, value]) => `${name} = ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('\n')
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/([`*_[\]<>])/g, '\\$1')
}

/** A block whose fence is longer than any inside. */
function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const mark = '`'.repeat(longest + 1)
  return `${mark}\n${text}\n${mark}`
}

/** What the query box offers: known keys, tags, their values, earlier and saved queries. Loaded when first needed. */
import { get } from './api'
import { attributesOf, valuesOf } from './explore/attributes'
import { short } from './number'
import { at, quoted } from './query'
import { session } from './session.svelte'
import { keep, kept } from './store'
import type { TagSummary, TagValue } from './types'
import { s } from '../parts/strings'

export interface KnownKey {
  key: string
  about: string
  values?: readonly string[]
}

/** Keys with a meaning of their own in issue searches; every other key is a tag. */
export const ISSUE_KEYS: readonly KnownKey[] = [
  {
    key: 'is',
    about: 'state',
    values: [
      'unresolved',
      'resolved',
      'archived',
      'assigned',
      'unassigned',
      'for_review',
      'new',
      'ongoing',
      'escalating',
      'regressed',
    ],
  },
  { key: 'level', about: 'severity', values: ['fatal', 'error', 'warning', 'info', 'debug'] },
  { key: 'assigned', about: 'who it is for', values: ['me', 'none', 'my_teams'] },
  { key: 'priority', about: 'importance', values: ['high', 'medium', 'low'] },
  { key: 'project', about: 'project' },
  { key: 'environment', about: 'where it ran' },
  { key: 'release', about: 'version', values: ['latest'] },
  { key: 'firstRelease', about: 'version it came with', values: ['latest'] },
  { key: 'error.type', about: 'exception class' },
  { key: 'error.value', about: 'exception text' },
  { key: 'error.handled', about: 'caught by the program', values: ['true', 'false'] },
  { key: 'error.unhandled', about: 'not caught', values: ['true', 'false'] },
  { key: 'error.mechanism', about: 'how it was caught' },
  { key: 'transaction', about: 'route or task' },
  { key: 'message', about: 'text' },
  { key: 'title', about: 'headline' },
  { key: 'culprit', about: 'place in the code' },
  { key: 'stack.function', about: 'function in any frame' },
  { key: 'stack.filename', about: 'file in any frame' },
  { key: 'stack.module', about: 'module in any frame' },
  { key: 'stack.abs_path', about: 'full path in any frame' },
  { key: 'user.id', about: 'user' },
  { key: 'user.email', about: 'user' },
  { key: 'user.username', about: 'user' },
  { key: 'user.ip', about: 'user' },
  { key: 'http.method', about: 'request', values: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] },
  { key: 'http.url', about: 'request' },
  { key: 'http.status_code', about: 'response' },
  { key: 'age', about: 'first seen within', values: ['-1h', '-24h', '-7d', '-30d'] },
  { key: 'firstSeen', about: 'first seen', values: ['-1h', '-24h', '-7d', '-30d'] },
  { key: 'lastSeen', about: 'last seen', values: ['-1h', '-24h', '-7d', '-30d'] },
  { key: 'timesSeen', about: 'number of events', values: ['>10', '>100', '>1000'] },
  { key: 'userCount', about: 'people affected', values: ['>1', '>10', '>100'] },
  { key: 'has', about: 'has any value' },
  { key: 'platform', about: 'language' },
  { key: 'dist', about: 'build' },
  { key: 'logger', about: 'logger name' },
  { key: 'trace', about: 'trace id' },
  { key: 'id', about: 'event id' },
  { key: 'issue', about: 'short id' },
  { key: 'issue.category', about: 'kind', values: ['error', 'performance', 'cron', 'outage', 'feedback'] },
  { key: 'bookmarks', about: 'bookmarked by', values: ['me'] },
  { key: 'os.name', about: 'operating system' },
  { key: 'browser.name', about: 'browser' },
  { key: 'device.family', about: 'device' },
  { key: 'sdk.name', about: 'client library' },
]

export interface Suggestion {
  id: string
  group: string
  label: string
  about: string
  /** text in place of the token at the caret */
  insert?: string
  /** a whole query in place of everything */
  query?: string
}

type Saved = readonly { name: string; query: string }[]
const MOST_RECENT = 8

export function remember(query: string): void {
  if (query)
    keep('recent', [query, ...kept<string[]>('recent', []).filter((one) => one !== query)].slice(0, MOST_RECENT))
}

/** What can be said without asking the server. */
export function localSuggestions(text: string, caret: number, keys: readonly KnownKey[], saved: Saved): Suggestion[] {
  const { token, prefix } = at(text, caret)
  if (!text.trim()) return [...history(saved), ...keySuggestions('', keys)]
  if (!token) return text.endsWith(' ') || caret === 0 ? keySuggestions('', keys) : []
  const colon = prefix.indexOf(':')
  return colon < 0
    ? keySuggestions(prefix.replace(/^!/, ''), keys)
    : knownValues(token.key, prefix.slice(colon + 1), keys)
}

function history(saved: Saved): Suggestion[] {
  return [
    ...saved.map((one) => ({
      id: `s:${one.query}`,
      group: s.querySaved,
      label: one.name,
      about: one.query,
      query: one.query,
    })),
    ...kept<string[]>('recent', []).map((query) => ({
      id: `r:${query}`,
      group: s.queryRecent,
      label: query,
      about: '',
      query,
    })),
  ]
}

function keySuggestions(prefix: string, keys: readonly KnownKey[]): Suggestion[] {
  const low = prefix.toLowerCase()
  const starts = (one: KnownKey) => Number(one.key.toLowerCase().startsWith(low))
  return keys
    .filter((one) => one.key.toLowerCase().includes(low))
    .sort((a, b) => starts(b) - starts(a))
    .map((one) => ({
      id: `k:${one.key}`,
      group: s.queryKeys,
      label: `${one.key}:`,
      about: one.about,
      insert: `${one.key}:`,
    }))
}

function knownValues(key: string, typed: string, keys: readonly KnownKey[]): Suggestion[] {
  const low = typed.replace(/"/g, '').toLowerCase()
  return ownValues(key, keys)
    .filter((one) => one.toLowerCase().includes(low) && one.toLowerCase() !== low)
    .map((one) => ({
      id: `v:${one}`,
      group: s.queryValues,
      label: one,
      about: '',
      insert: `${key}:${valueText(one)} `,
    }))
}

function ownValues(key: string, keys: readonly KnownKey[]): readonly string[] {
  if (key === 'project') return session.projects.map((one) => one.slug)
  if (key === 'environment') return session.environments
  return keys.find((one) => one.key === key)?.values ?? []
}

/** Comparisons and relative times keep their sign in front of the quotes. */
function valueText(text: string): string {
  return /^[<>+-]/.test(text) ? text : quoted(text)
}

/**
 * Tags and their values, from the server; with a dataset, its attributes and theirs. Empty when it has none, or
 * does not answer.
 */
export async function askedSuggestions(
  text: string,
  caret: number,
  keys: readonly KnownKey[],
  signal: AbortSignal,
  dataset = '',
): Promise<Suggestion[]> {
  const { token, prefix } = at(text, caret)
  if (!token || !session.slug) return []
  const colon = prefix.indexOf(':')
  if (colon < 0) {
    const word = prefix.replace(/^!/, '').toLowerCase()
    if (!word) return []
    return dataset ? attributeKeys(word, keys, dataset, signal) : tagKeys(word, keys, signal)
  }
  const typed = prefix.slice(colon + 1)
  if (isKnown(token.key, keys)) return []
  return dataset ? attributeValues(token.key, typed, dataset, signal) : tagValues(token.key, typed, signal)
}

/** Whether all values of a key are here already. */
function isKnown(key: string, keys: readonly KnownKey[]): boolean {
  return ['', 'project', 'environment', 'has'].includes(key) || keys.some((one) => one.key === key && one.values)
}

async function attributeKeys(
  word: string,
  keys: readonly KnownKey[],
  dataset: string,
  signal: AbortSignal,
): Promise<Suggestion[]> {
  const known = new Set(keys.map((one) => one.key))
  const found = await attributesOf(session.slug, dataset, word, signal)
  return found
    .filter((one) => !known.has(one.name))
    .map((one) => keySuggestion(one.name, one.type === 'number' ? s.queryNumber : ''))
}

async function attributeValues(
  key: string,
  typed: string,
  dataset: string,
  signal: AbortSignal,
): Promise<Suggestion[]> {
  const found = await valuesOf(session.slug, dataset, key, typed.replace(/"/g, ''), signal)
  return found.map((one) => valueSuggestion(key, one.value, one.count ? short(one.count) : ''))
}

function keySuggestion(key: string, about: string): Suggestion {
  return { id: `t:${key}`, group: s.queryKeys, label: `${key}:`, about, insert: `${key}:` }
}

function valueSuggestion(key: string, value: string, about: string): Suggestion {
  return { id: `v:${value}`, group: s.queryValues, label: value, about, insert: `${key}:${quoted(value)} ` }
}

async function tagKeys(word: string, keys: readonly KnownKey[], signal: AbortSignal): Promise<Suggestion[]> {
  const answer = await get<TagSummary[]>(`/organizations/${session.slug}/tags/`, {}, signal).catch(() => null)
  const known = new Set(keys.map((one) => one.key))
  return (answer?.data ?? [])
    .filter((tag) => !known.has(tag.key) && tag.key.toLowerCase().includes(word))
    .map((tag) => keySuggestion(tag.key, short(tag.totalValues)))
}

async function tagValues(key: string, typed: string, signal: AbortSignal): Promise<Suggestion[]> {
  const path = `/organizations/${session.slug}/tags/${encodeURIComponent(key)}/values/`
  const answer = await get<TagValue[]>(path, { query: typed.replace(/"/g, '') }, signal).catch(() => null)
  return (answer?.data ?? []).map((one) => valueSuggestion(key, one.value, short(one.count)))
}

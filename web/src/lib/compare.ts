/** What differs between two events of an issue, as rows of text. Pure. */
import { contexts, flags, fullUrl } from './event'
import { entry } from './frames'
import type { EventDetail } from './types'

export interface Difference {
  /** the section of the page the fact is from */
  part: Part
  name: string
  /** null where the event does not have it */
  here: string | null
  there: string | null
}

export type Part = 'tags' | 'request' | 'flags' | 'contexts' | 'extra' | 'packages'

const DEPTH = 4
const NEVER_THE_SAME = new Set(['trace.trace_id', 'trace.span_id', 'trace.parent_span_id'])

/** Facts that two events do not share, in the order of the page; ids that no two events share are left out. */
export function differences(here: EventDetail, there: EventDetail): Difference[] {
  const other = facts(there)
  return [...facts(here)].flatMap(([part, own]) => {
    const theirs = other.get(part) ?? new Map<string, string>()
    return [...new Set([...own.keys(), ...theirs.keys()])]
      .map((name) => ({ part, name, here: own.get(name) ?? null, there: theirs.get(name) ?? null }))
      .filter((one) => one.here !== one.there)
  })
}

function facts(event: EventDetail): Map<Part, Map<string, string>> {
  const request = entry(event, 'request')
  const all = contexts(event).map((one): [string, unknown] => [one.id, Object.fromEntries(one.pairs)])
  return new Map<Part, Map<string, string>>([
    ['tags', new Map(event.tags.map(({ key, value }) => [key, value]))],
    ['request', request ? flat({ method: request.method, url: fullUrl(request), body: request.data }) : new Map()],
    ['flags', flat(Object.fromEntries(flags(event)))],
    ['contexts', without(flat(Object.fromEntries(all)), NEVER_THE_SAME)],
    ['extra', flat(event.context ?? {})],
    ['packages', flat(event.packages ?? {})],
  ])
}

function without(map: Map<string, string>, names: ReadonlySet<string>): Map<string, string> {
  return new Map([...map].filter(([name]) => !names.has(name)))
}

/** `{a: {b: 1}}` as `a.b` → `1`; lists and what lies deeper are one value. */
function flat(value: object, prefix = '', depth = 1): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, one] of Object.entries(value) as [string, unknown][]) {
    if (one === null || one === undefined || one === '') continue
    if (typeof one === 'object' && !Array.isArray(one) && depth < DEPTH)
      for (const [name, text] of flat(one, `${prefix}${key}.`, depth + 1)) found.set(name, text)
    else found.set(prefix + key, typeof one === 'string' ? one : JSON.stringify(one))
  }
  return found
}

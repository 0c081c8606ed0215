/** A formula while it is written: where the caret stands, and what could stand there. Pure. */
import type { Attribute } from './attributes'
import type { Kind } from './kinds'
import { argumentText } from './view'

export interface Place {
  /** where the word at the caret begins */
  from: number
  /** the word, up to the caret */
  typed: string
  /** the function whose argument it is; empty outside of functions */
  call: string
  /** the arguments before it */
  before: readonly string[]
}

export interface Offer {
  label: string
  about: string
  /** put in place of the word */
  insert: string
  /** how far before its end the caret goes on */
  back: number
}

export interface Known {
  kind: Kind
  attributes: readonly Attribute[]
  /** of the field that is being compared */
  values: readonly string[]
}

type Word = Pick<Offer, 'label' | 'about'>

interface Frame {
  call: string
  from: number
  before: string[]
}

const BARE = ['count', 'epm', 'failure_rate', 'failure_count']
const CONDITIONAL = ['avg_if', 'sum_if', 'p95_if'] as const
const ANY_FIELD = ['count', 'count_unique']
const COMPARED = ['equals', 'notEquals', 'greater', 'less', 'greaterOrEquals', 'lessOrEquals'] as const
const MOST = 30

export function placeIn(text: string, caret: number): Place {
  const { call, from, before } = frameAt(text, caret)
  const whole = text.slice(from, caret)
  const typed = call ? whole.trimStart() : (/[\w.:[\]@$#]*$/.exec(whole)?.[0] ?? '')
  return { from: caret - typed.length, typed, call, before }
}

/** The innermost bracket that is open at the caret. */
function frameAt(text: string, caret: number): Frame {
  const open: Frame[] = [{ call: '', from: 0, before: [] }]
  let isQuoted = false
  for (let i = 0; i < caret; i++) {
    const char = text[i]
    const frame = open.at(-1)
    if (isQuoted && char === '\\') i++
    else if (char === '"') isQuoted = !isQuoted
    else if (isQuoted || !frame) continue
    else if (char === '(') open.push({ call: /[a-z]\w*$/.exec(text.slice(0, i))?.[0] ?? '', from: i + 1, before: [] })
    else if (char === ')' && open.length > 1) open.pop()
    else if (char === ',' && frame.call && !/(tags|flags)\[[^\]]*$/.test(text.slice(frame.from, i))) {
      frame.before.push(text.slice(frame.from, i).trim())
      frame.from = i + 1
    }
  }
  return open.at(-1) ?? { call: '', from: 0, before: [] }
}

/** The field whose values are wanted at a place; empty where none are. */
export function comparedAt(place: Place): string {
  const plain = valuesBefore(place)
  return plain !== null && place.before.length === plain + 2 ? (place.before[plain] ?? '') : ''
}

/** How many arguments stand before the condition of `p95_if(field, key, op, value)`; null of other functions. */
function valuesBefore({ call }: Place): number | null {
  if (!call.endsWith('_if')) return null
  return call === 'count_if' ? 0 : 1
}

/** What could stand at a place, what begins like the word first. */
export function offersAt(place: Place, known: Known): Offer[] {
  const low = place.typed.replace(/^"/, '').toLowerCase()
  const starts = (one: Offer) => Number(one.label.toLowerCase().startsWith(low))
  return candidates(place, known)
    .filter((one) => one.label.toLowerCase().includes(low))
    .sort((a, b) => starts(b) - starts(a))
    .slice(0, MOST)
}

function candidates(place: Place, { kind, attributes, values }: Known): Offer[] {
  if (!place.call) return functionsOf(kind)
  const plain = valuesBefore(place)
  const index = place.before.length
  if (plain === null) return index ? [] : fieldsOf(kind, attributes, !ANY_FIELD.includes(place.call)).map(last)
  if (index < plain) return fieldsOf(kind, attributes, true).map(more)
  if (index === plain) return fieldsOf(kind, attributes, false).map(more)
  if (index === plain + 1) return COMPARED.map((label) => more({ label, about: '' }))
  const own = kind.keys.find((one) => one.key === place.before[plain])?.values ?? []
  const plainValues = own.filter((one) => !/^[<>+-]/.test(one))
  return [...new Set([...plainValues, ...values])].map((label) => last({ label, about: '' }))
}

function functionsOf(kind: Kind): Offer[] {
  const isMetrics = kind.name === 'metrics'
  const plain = kind.functions.map((name) => {
    if (isMetrics) return whole(`${name}(value)`)
    return BARE.includes(name) ? whole(`${name}()`) : opened(name, '')
  })
  // of metrics, four arguments name the metric
  const conditional = ['count_if', ...(kind.numbers.length && !isMetrics ? CONDITIONAL : [])]
  const about = (name: string) => (name === 'count_if' ? 'field, equals, value' : 'number, field, equals, value')
  return [...plain, ...conditional.map((name) => opened(name, about(name)))]
}

function whole(insert: string): Offer {
  return { label: insert, about: '', insert, back: 0 }
}

function opened(name: string, about: string): Offer {
  return { label: `${name}(…)`, about, insert: `${name}()`, back: 1 }
}

function fieldsOf(kind: Kind, attributes: readonly Attribute[], numbers: boolean): Word[] {
  const about = new Map(kind.keys.map((one) => [one.key, one.about]))
  const own = numbers ? kind.numbers : [...kind.fields, ...about.keys()].filter((key) => key !== 'has')
  const found = attributes.filter((one) => !numbers || one.type === 'number').map((one) => one.key)
  return [...new Set([...own, ...found])].map((key) => ({ label: key, about: about.get(key) ?? '' }))
}

function more(one: Word): Offer {
  return { ...one, insert: `${wordOf(one.label)},`, back: 0 }
}

function last(one: Word): Offer {
  return { ...one, insert: `${wordOf(one.label)})`, back: 0 }
}

/** Attributes have commas within their brackets. */
function wordOf(label: string): string {
  return /^(tags|flags)\[[^\]]*\]$/.test(label) ? label : argumentText(label)
}

/** The text with an offer taken, and where the caret is then. A bracket or comma that follows already is not doubled. */
export function taken(text: string, caret: number, place: Place, offer: Offer): { text: string; caret: number } {
  const behind = text.slice(caret)
  const rest = behind.slice((place.call ? /^[^,()"]*/ : /^[\w.:]*/).exec(behind)?.[0].length ?? 0)
  const isCalled = !place.call && rest.startsWith('(')
  const insert = isCalled ? offer.insert.replace(/\(.*/s, '') : offer.insert
  const isClosed = place.call !== '' && rest.startsWith(insert.at(-1) ?? '')
  return {
    text: text.slice(0, place.from) + insert + rest.slice(isClosed ? 1 : 0),
    caret: place.from + insert.length - (isCalled ? 0 : offer.back),
  }
}

interface Part {
  error: string | null
}

/** What the server finds wrong with the formula; empty where it can be drawn. */
export function problemOf(answer: { yAxis?: readonly Part[] } | null): string {
  return answer?.yAxis?.find((one) => one.error)?.error ?? ''
}

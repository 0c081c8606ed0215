/** What is different in a selection: attribute values by how much more often they are in it than in the rest. */
import { withParams } from '../api'
import { scopeParams } from '../scope'
import { boxQuery, type Box } from './heat'
import type { Kind } from './kinds'

export interface Comparison {
  data: ComparedKey[]
  meta: { selected: number; rest: number }
}
/** A key; `score`: bits by which its values tell the selection from the rest. */
export interface ComparedKey {
  key: string
  score: number
  /** with the value's share of the selection and of the rest, 0 to 1 */
  values: { value: string; selected: number; rest: number }[]
}

const TELLING = 0.01 // bits; below, it is chance

export function comparePath(org: string, kind: Kind, query: string, box: Box, params: URLSearchParams): string {
  const asked = { dataset: kind.dataset, query, selection: boxQuery('', box) }
  return withParams(`/organizations/${org}/explore/compare/`, { ...asked, ...scopeParams(params, kind.period) })
}

/** The keys worth showing, the most telling first. */
export function telling(answer: Comparison | null, most: number): ComparedKey[] {
  return (answer?.data ?? []).filter((one) => one.score >= TELLING).slice(0, most)
}

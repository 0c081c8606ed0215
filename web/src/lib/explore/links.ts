/** Where rows of Explore lead. */
import { to } from '../router.svelte'
import { textOf, type Row } from './answers'
import type { Kind } from './kinds'

/** The page of a trace, at one of its spans where one is known. */
export function tracePath(org: string, trace: string, span = ''): string {
  const node = /^0*$/.test(span) ? '' : span
  return to(`/organizations/${org}/traces/trace/${trace}/`, node ? new URLSearchParams({ node }) : undefined)
}

/** Whether there is a trace under that id: none is all zeros. */
export function isTrace(trace: string): boolean {
  return /[1-9a-f]/.test(trace)
}

/** What a row opens; empty where it has nothing to open. */
export function linkOf(org: string, kind: Kind, row: Row): string {
  if (kind.name === 'errors') return to(`/e/${textOf(row['id'])}/`)
  const trace = textOf(row['trace'])
  if (!isTrace(trace)) return ''
  return tracePath(org, trace, textOf(row[kind.name === 'traces' ? 'id' : 'span_id']))
}

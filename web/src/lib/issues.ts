/** What an issue's fields mean in words. */
import type { Issue } from './types'
import { s } from '../parts/strings'

type State = Pick<Issue, 'status' | 'substatus' | 'statusDetails'>

/** `Resolved in next release`, `Archived until 10 more events`, `Regressed`, … */
export function statusText(issue: State): string {
  if (issue.status === 'resolved') return resolvedText(issue)
  if (issue.status === 'ignored') return archivedText(issue)
  return s.statuses[(issue.substatus ?? 'ongoing') as keyof typeof s.statuses] ?? s.statuses.unresolved
}

function resolvedText({ statusDetails: details }: State): string {
  if (details.inNextRelease) return 'Resolved in next release'
  if (details.inRelease) return `Resolved in ${details.inRelease}`
  if (details.inCommit) return `Resolved by ${(details.inCommit.id ?? details.inCommit.commit ?? '').slice(0, 8)}`
  if (details.autoResolved) return 'Resolved by age'
  return 'Resolved'
}

function archivedText({ statusDetails: details, substatus }: State): string {
  if (details.ignoreUntil) return `Archived until ${details.ignoreUntil.slice(0, 16).replace('T', ' ')}`
  if (details.ignoreCount) return `Archived until ${details.ignoreCount} more events`
  if (details.ignoreUserCount) return `Archived until ${details.ignoreUserCount} more users`
  return substatus === 'archived_until_escalating' ? 'Archived until escalating' : 'Archived'
}

/** Headline and second line of an issue: type and value of an exception, else the whole title. */
export function headline(issue: Pick<Issue, 'title' | 'metadata'>): { head: string; rest: string } {
  const { type, value } = issue.metadata
  if (type) return { head: type, rest: firstLine(value ?? '') }
  return { head: firstLine(issue.metadata.title ?? issue.title), rest: '' }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}

/** Where it happened: the culprit, else file and function. */
export function place(issue: Pick<Issue, 'culprit' | 'metadata'>): string {
  if (issue.culprit) return issue.culprit
  const { filename, function: name } = issue.metadata
  return [filename, name].filter(Boolean).join(' in ')
}

export function issuePath(org: string, id: string, event?: string): string {
  const base = `/organizations/${org}/issues/${id}/`
  return event ? `${base}events/${event}/` : base
}

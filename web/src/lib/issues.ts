/** What an issue's fields mean in words. */
import type { Issue, StatusDetails } from './types'
import { s as parts } from '../parts/strings'
import { s } from './strings'

/** Shared issues come without details. */
type State = Pick<Issue, 'status' | 'substatus'> & { statusDetails?: StatusDetails }

/** `Resolved in next release`, `Archived until 10 more events`, `Regressed`, … */
export function statusText(issue: State): string {
  if (issue.status === 'resolved') return resolvedText(issue)
  if (issue.status === 'ignored') return archivedText(issue)
  return parts.statuses[(issue.substatus ?? 'ongoing') as keyof typeof parts.statuses] ?? parts.statuses.unresolved
}

function resolvedText({ statusDetails: details = {} }: State): string {
  if (details.inNextRelease) return s.status.resolvedNext
  if (details.inRelease) return s.status.resolvedIn(details.inRelease)
  if (details.inCommit) return s.status.resolvedBy((details.inCommit.id ?? details.inCommit.commit ?? '').slice(0, 8))
  if (details.autoResolved) return s.status.resolvedByAge
  return s.status.resolved
}

function archivedText({ statusDetails: details = {}, substatus }: State): string {
  if (details.ignoreUntil) return s.status.archivedUntil(details.ignoreUntil.slice(0, 16).replace('T', ' '))
  if (details.ignoreCount) return s.status.archivedEvents(details.ignoreCount)
  if (details.ignoreUserCount) return s.status.archivedUsers(details.ignoreUserCount)
  return substatus === 'archived_until_escalating' ? s.status.archivedEscalating : s.status.archived
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

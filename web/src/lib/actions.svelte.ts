/** What can be done to issues: one table that feeds menus, bulk bar, palette and shortcuts. */
import type { IconName } from '../icons'
import type { ShortcutId } from '../keys'
import type { Issue, StatusDetails } from './types'

/** Body of an issue update as the API takes it. */
export interface Change {
  status?: 'resolved' | 'unresolved' | 'ignored'
  statusDetails?: StatusDetails & { ignoreDuration?: number }
  substatus?: string
  assignedTo?: string
  priority?: Issue['priority']
  isBookmarked?: boolean
  isSubscribed?: boolean
  isPublic?: boolean
  hasSeen?: boolean
  inbox?: boolean
}

export interface IssueAction {
  id: string
  label: string
  /** what was done, for the notice: `Resolved 3 issues` */
  done: string
  icon: IconName
  shortcut?: ShortcutId
  permission: 'event:write' | 'event:admin'
  change: Change
}

export const RESOLVE: readonly IssueAction[] = [
  {
    id: 'resolve',
    label: 'Resolve',
    done: 'Resolved',
    icon: 'check',
    shortcut: 'resolve',
    permission: 'event:write',
    change: { status: 'resolved', statusDetails: {} },
  },
  {
    id: 'resolve.next',
    label: 'Resolve in the next release',
    done: 'Resolved in the next release',
    icon: 'check',
    shortcut: 'resolve.next',
    permission: 'event:write',
    change: { status: 'resolved', statusDetails: { inNextRelease: true } },
  },
  {
    id: 'resolve.current',
    label: 'Resolve in the current release',
    done: 'Resolved in the current release',
    icon: 'check',
    permission: 'event:write',
    change: { status: 'resolved', statusDetails: { inRelease: 'latest' } },
  },
]

function archive(id: string, label: string, details: Change['statusDetails'], substatus: string): IssueAction {
  return {
    id: `archive.${id}`,
    label,
    done: 'Archived',
    icon: 'archive',
    permission: 'event:write',
    change: { status: 'ignored', substatus, statusDetails: details ?? {} },
  }
}

const UNTIL = 'archived_until_condition_met'

export const ARCHIVE: readonly IssueAction[] = [
  archive('escalating', 'Until it escalates', {}, 'archived_until_escalating'),
  archive('forever', 'Forever', {}, 'archived_forever'),
  archive('1h', 'For an hour', { ignoreDuration: 60 }, UNTIL),
  archive('24h', 'For a day', { ignoreDuration: 24 * 60 }, UNTIL),
  archive('7d', 'For a week', { ignoreDuration: 7 * 24 * 60 }, UNTIL),
  archive('10', 'Until 10 more events', { ignoreCount: 10 }, UNTIL),
  archive('100', 'Until 100 more events', { ignoreCount: 100 }, UNTIL),
  archive('1000', 'Until 1000 more events', { ignoreCount: 1000 }, UNTIL),
  archive('u10', 'Until 10 more users', { ignoreUserCount: 10 }, UNTIL),
  archive('u100', 'Until 100 more users', { ignoreUserCount: 100 }, UNTIL),
]

export const REOPEN: IssueAction = {
  id: 'reopen',
  label: 'Reopen',
  done: 'Reopened',
  icon: 'rotate',
  shortcut: 'reopen',
  permission: 'event:write',
  change: { status: 'unresolved' },
}

/** The issue as it will look once the server agrees. */
export function applied(issue: Issue, change: Change): Issue {
  const { assignedTo, statusDetails, ...plain } = change
  const next: Issue = { ...issue, ...plain }
  if (change.status) {
    next.statusDetails = statusDetails ?? {}
    next.substatus = change.substatus ?? (change.status === 'unresolved' ? 'ongoing' : null)
  }
  if (assignedTo === '') next.assignedTo = null
  return next
}

/** The change that takes an issue back to how it was, as far as `change` touched it. */
export function reverse(issue: Issue, change: Change): Change {
  const back: Change = {}
  if (change.status) {
    back.status = issue.status
    back.statusDetails = detailsBack(issue.statusDetails, Date.now())
    if (issue.substatus) back.substatus = issue.substatus
  }
  if (change.assignedTo !== undefined)
    back.assignedTo = issue.assignedTo ? `${issue.assignedTo.type}:${issue.assignedTo.id}` : ''
  if (change.priority !== undefined) back.priority = issue.priority
  if (change.isBookmarked !== undefined) back.isBookmarked = issue.isBookmarked
  if (change.isSubscribed !== undefined) back.isSubscribed = issue.isSubscribed
  return back
}

/** Status details as the API reads them, from how it writes them. */
export function detailsBack(details: StatusDetails, now: number): NonNullable<Change['statusDetails']> {
  const { actor: _actor, autoResolved: _auto, ignoreUntil, inCommit, ...same } = details
  const minutes = ignoreUntil ? Math.max(1, Math.round((Date.parse(ignoreUntil) - now) / 60_000)) : null
  return {
    ...same,
    ...(minutes === null ? {} : { ignoreDuration: minutes }),
    ...(inCommit?.id ? { inCommit: { commit: inCommit.id, repository: inCommit.repository } } : {}),
  }
}

/** An action ready to run on what the page shows. */
export interface Ready {
  id: string
  label: string
  icon: IconName
  run: () => void
}

const offers: (() => Ready[])[] = []

/** Puts a screen's actions into the palette until the returned function is called. */
export function offerActions(offer: () => Ready[]): () => void {
  offers.push(offer)
  return () => offers.splice(offers.indexOf(offer), 1)
}

export function actionsHere(): Ready[] {
  return offers.flatMap((offer) => offer())
}

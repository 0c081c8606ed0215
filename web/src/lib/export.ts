/** Issue lists as files. */
import { get } from './api'
import { download } from './copy'
import { csv } from './csv'
import type { Issue } from './types'

const MOST_PAGES = 20 // of 100 issues: what a table still opens

/** Saves every page of a list as it stands, up to 2000 issues. */
export async function exportIssues(request: string, kind: 'csv' | 'json'): Promise<void> {
  const rows: Issue[] = []
  const base = request.replace(/&cursor=[^&]*/, '').replace(/limit=\d+/, 'limit=100')
  let path: string | null = base
  for (let page = 0; page < MOST_PAGES && path !== null; page++) {
    const answer: Awaited<ReturnType<typeof get<Issue[]>>> = await get<Issue[]>(path)
    rows.push(...answer.data)
    path = answer.next === null ? null : `${base}&cursor=${encodeURIComponent(answer.next)}`
  }
  if (kind === 'json') download('issues.json', 'application/json', JSON.stringify(rows, null, 1))
  else download('issues.csv', 'text/csv', csv(rows.map(flat)))
}

function flat(issue: Issue): Record<string, string | number> {
  return {
    id: issue.id,
    short_id: issue.shortId,
    title: issue.title,
    culprit: issue.culprit ?? '',
    level: issue.level,
    status: issue.status,
    substatus: issue.substatus ?? '',
    priority: issue.priority ?? '',
    project: issue.project.slug,
    events: Number(issue.count),
    users: issue.userCount,
    first_seen: issue.firstSeen,
    last_seen: issue.lastSeen,
    assignee: issue.assignedTo?.name ?? '',
    url: issue.permalink,
  }
}

/** Tables of Explore as files. */
import { get } from '../api'
import { download } from '../copy'
import { csv } from '../csv'
import { textOf, type Row, type Table } from './answers'

const MOST_PAGES = 50 // of 100 rows: what a spreadsheet still opens

/** Saves the table from its first page on, up to 5000 rows. */
export async function exportTable(request: string, name: string, kind: 'csv' | 'json'): Promise<void> {
  const rows: Row[] = []
  const base = request.replace(/&cursor=[^&]*/, '').replace(/per_page=\d+/, 'per_page=100')
  let path: string | null = base
  for (let page = 0; page < MOST_PAGES && path !== null; page++) {
    const answer: Awaited<ReturnType<typeof get<Table>>> = await get<Table>(path)
    rows.push(...answer.data.data)
    path = answer.next === null ? null : `${base}&cursor=${encodeURIComponent(answer.next)}`
  }
  if (kind === 'json') download(`${name}.json`, 'application/json', JSON.stringify(rows, null, 1))
  else download(`${name}.csv`, 'text/csv', csv(rows.map(flat)))
}

function flat(row: Row): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? value : textOf(value)]),
  )
}

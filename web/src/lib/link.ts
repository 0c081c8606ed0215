/** Paging cursors of a `Link` header. */

export interface Cursors {
  previous: string | null
  next: string | null
}

/** The cursors that lead to a non-empty page; null where there is none. */
export function cursors(header: string | null | undefined): Cursors {
  const found: Cursors = { previous: null, next: null }
  for (const part of (header ?? '').split(/,\s*(?=<)/)) {
    const rel = /rel="(previous|next)"/.exec(part)?.[1] as keyof Cursors | undefined
    if (rel && /results="true"/.test(part)) found[rel] = /cursor="([^"]*)"/.exec(part)?.[1] ?? null
  }
  return found
}

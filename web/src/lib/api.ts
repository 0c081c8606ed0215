/** Requests to `/api/0`: session cookie, CSRF header, errors as `ApiError`, paging cursors. */
import { boot, ended, takeFirst } from './boot'
import { cursors, type Cursors } from './link'
import { net } from './net.svelte'
import { s } from './strings'

export type Params = Record<string, string | number | boolean | string[] | null | undefined>

export interface Answer<T> extends Cursors {
  data: T
  /** total number of rows, where the server counts them */
  hits: number | null
}

/** A refusal (status ≥ 400) or no answer at all (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly fields: Record<string, string[]>,
    readonly requestId: string | null,
    readonly path: string,
  ) {
    super(detail)
    this.name = 'ApiError'
  }
}

/** `/issues/?query=x&project=1&project=2`; empty and missing parameters are left out, `query` is kept. */
export function withParams(path: string, params: Params = {}): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(params)) {
    if (value == null || (value === '' && key !== 'query')) continue
    for (const one of Array.isArray(value) ? value : [value]) search.append(key, String(one))
  }
  const text = search.toString()
  return text ? `${path}?${text}` : path
}

export function apiUrl(path: string): string {
  return `${boot.prefix}/api/0${path}`
}

/** An answer that came with the page, at once; null when the server has to be asked. */
export function getFirst<T>(path: string): Answer<T> | null {
  const first = takeFirst(path)
  return first ? { data: first.body as T, hits: first.hits ?? null, ...cursors(first.link) } : null
}

export async function get<T>(path: string, params?: Params, signal?: AbortSignal): Promise<Answer<T>> {
  const full = withParams(path, params)
  if (boot.coming.includes(full)) await ended
  const first = getFirst<T>(full)
  if (first) return first
  const response = await ask('GET', full, undefined, signal)
  const hits = response.headers.get('X-Hits')
  return {
    data: (await response.json()) as T,
    hits: hits === null ? null : Number(hits),
    ...cursors(response.headers.get('Link')),
  }
}

/** The answer's JSON, or null where the answer has no body. */
export async function send<T>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  params?: Params,
): Promise<T> {
  const response = await ask(method, withParams(path, params), body)
  const text = await response.text()
  return (text ? JSON.parse(text) : null) as T
}

async function ask(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (method !== 'GET') headers['X-CSRFToken'] = csrfToken()
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  let response: Response
  try {
    response = await fetch(apiUrl(path), {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    net.lost()
    throw new ApiError(0, s.noAnswer, {}, null, path)
  }
  net.answered(response.headers.get('X-Vedette-Version'))
  if (response.ok) return response
  throw await refusal(response, path)
}

async function refusal(response: Response, path: string): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null)
  if (response.status === 401 && boot.user && !path.startsWith('/auth/')) net.signedOut = true
  const requestId = response.headers.get('X-Request-Id')
  return new ApiError(response.status, detailOf(body, response), fieldsOf(body), requestId, path)
}

function detailOf(body: unknown, response: Response): string {
  const detail = (body as { detail?: unknown } | null)?.detail
  if (typeof detail === 'string') return detail
  const message = (detail as { message?: unknown } | undefined)?.message
  if (typeof message === 'string') return message
  const first = Object.entries(fieldsOf(body))[0]
  if (first) return `${first[0]}: ${first[1][0] ?? ''}`
  return response.statusText || `The server answered ${response.status}.`
}

/** Field errors `{"name": ["too long"]}`; anything else in the body is not one. */
function fieldsOf(body: unknown): Record<string, string[]> {
  if (typeof body !== 'object' || body === null) return {}
  return Object.fromEntries(
    Object.entries(body)
      .filter(([key, value]) => key !== 'detail' && Array.isArray(value))
      .map(([key, value]) => [key, (value as unknown[]).map(String)]),
  )
}

function csrfToken(): string {
  const cookie = /(?:^|;\s*)vedette_csrf=([^;]+)/.exec(document.cookie)?.[1]
  return decodeURIComponent(cookie ?? '')
}

/** A `curl` line that asks the same question with a token of your own. */
export function asCurl(path: string, params?: Params): string {
  const url = new URL(apiUrl(withParams(path, params)), location.origin)
  return `curl -H 'Authorization: Bearer YOUR_TOKEN' '${url.href.replace(/'/g, '%27')}'`
}

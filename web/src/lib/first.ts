/** Questions a page asks first. The server puts the answers into the page (src/vedette/ui/first.py keeps in step;
 * tests/first-requests.json is read by the tests of both). */
import { withParams } from './api'
import { scopeParams } from './scope'

export const DEFAULT_QUERY = 'is:unresolved'
export const PAGE_SIZE = 50

/** The issue list of a stream URL. */
export function streamRequest(org: string, params: URLSearchParams): string {
  return withParams(`/organizations/${org}/issues/`, {
    query: params.get('query') ?? DEFAULT_QUERY,
    ...scopeParams(params),
    sort: params.get('sort'),
    cursor: params.get('cursor'),
    limit: PAGE_SIZE,
    groupStatsPeriod: 'auto',
  })
}

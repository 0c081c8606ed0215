/** Outcomes of received data in plain words: what happened, and what to do. */

const REASONS: Record<string, string> = {
  no_auth: 'No key was sent: check the DSN of your SDK',
  auth_version: 'The SDK speaks a version of the protocol that is too old',
  unknown_key: 'The key in the DSN does not exist here',
  disabled_key: 'The key is disabled: enable it, or use another one',
  project_id: 'The key belongs to another project than the DSN names',
  project_gone: 'The project has been deleted or is switched off',
  keys_unavailable: 'The server could not check keys for a moment',
  cors: 'The page’s origin is not allowed: see allowed origins of the project',
  no_data: 'The request was empty',
  content_type: 'The content type is not one an SDK sends',
  content_encoding: 'The compression is not supported',
  invalid_compression: 'The body could not be decompressed; a proxy may have changed it',
  invalid_envelope: 'The envelope could not be read',
  invalid_json: 'The JSON could not be read',
  invalid_multipart: 'The upload could not be read',
  payload: 'The data has a shape that cannot be stored',
  duplicate: 'The event was sent before',
  duplicate_item: 'The same item came twice in one envelope',
  timestamp: 'The clock of the sender is too far off',
  empty_envelope: 'The envelope held no items',
  quota: 'Over a quota',
  key_quota: 'Over the rate limit of the key',
  queue_full: 'The server has more to do than it can keep; SDKs will try again later',
  disk_full: 'The server is short of disk space',
  unsupported: 'This kind of data is not supported yet',
  internal: 'The server failed on it; this is our bug',
  'ip-address': 'Filter: address is on the list',
  'release-version': 'Filter: release is on the list',
  'error-message': 'Filter: error message is on the list',
  localhost: 'Filter: sent from localhost',
  'browser-extensions': 'Filter: caused by a browser extension',
  'legacy-browsers': 'Filter: old browser',
  'web-crawlers': 'Filter: web crawler',
  'filtered-transaction': 'Filter: health check',
  'chunk-load-error': 'Filter: script could not be loaded',
  'react-hydration-errors': 'Filter: React hydration',
  'invalid-csp': 'Filter: CSP report without use',
  sample_rate: 'Left out by the SDK’s sample rate',
  before_send: 'Dropped by before_send in the app',
  event_processor: 'Dropped by an event processor in the app',
  ratelimit_backoff: 'Held back by the SDK while it was rate limited',
  network_error: 'The SDK could not reach the server',
  queue_overflow: 'The SDK’s own queue was full',
  cache_overflow: 'The SDK’s own cache was full',
  send_error: 'The server refused what the SDK sent',
}

/** `too_large:event` → `Too large: event`; unknown reasons are shown as they are. */
export function reasonText(reason: string | null | undefined): string {
  if (!reason) return 'Stored'
  const known = REASONS[reason]
  if (known) return known
  const [head, tail] = reason.split(/:(.*)/s)
  if (head === 'too_large') return `Larger than the limit${tail ? `: ${tail}` : ''}`
  if (head === 'Sampled') return 'Sampled away by a rule'
  if (tail !== undefined && REASONS[head ?? '']) return `${REASONS[head ?? '']} (${tail})`
  return reason.replaceAll('_', ' ')
}

const OUTCOMES: Record<string, string> = {
  accepted: 'Accepted',
  filtered: 'Filtered',
  rate_limited: 'Rate limited',
  invalid: 'Invalid',
  abuse: 'Abuse protection',
  client_discard: 'Dropped by the app',
  cardinality_limited: 'Too many series',
  lost: 'Lost',
}

export function outcomeText(outcome: string): string {
  return OUTCOMES[outcome] ?? outcome.replaceAll('_', ' ')
}

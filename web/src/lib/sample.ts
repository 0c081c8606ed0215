/** A made-up error, sent from this browser through a DSN as an SDK would. */
import { boot } from './boot'
import { dsnParts } from './snippets'

const FRAMES: readonly (readonly [string, string, number, string, boolean])[] = [
  [
    'site-packages/gunicorn/workers/sync.py',
    'handle_request',
    178,
    '            respiter = self.wsgi(environ, resp.start_response)',
    false,
  ],
  ['shop/views.py', 'checkout', 64, '    receipt = charge(cart, card)', true],
  ['shop/payment.py', 'charge', 31, '    rate = RATES[cart.currency]', true],
]

export function sampleEvent(id: string, at: number): Record<string, unknown> {
  return {
    event_id: id,
    timestamp: at / 1_000,
    platform: 'python',
    level: 'error',
    environment: 'sample',
    release: 'sample@1.0.0',
    transaction: '/checkout/',
    tags: { sample: 'yes' },
    user: { id: '7', username: 'ada' },
    request: { method: 'POST', url: 'https://shop.example/checkout/', headers: [['User-Agent', navigator.userAgent]] },
    breadcrumbs: {
      values: [{ timestamp: at / 1_000 - 2, category: 'query', message: 'SELECT * FROM cart WHERE id = %s' }],
    },
    exception: {
      values: [
        {
          type: 'KeyError',
          value: "'EUR'",
          mechanism: { type: 'generic', handled: false },
          stacktrace: {
            frames: FRAMES.map(([filename, name, lineno, context_line, in_app]) => ({
              filename,
              function: name,
              lineno,
              context_line,
              in_app,
              vars: in_app ? { currency: "'EUR'" } : {},
            })),
          },
        },
      ],
    },
  }
}

/** Sends one and gives back its id. Raises an `Error` with what the server said. */
export async function sendSample(dsn: string): Promise<string> {
  const { key, project } = dsnParts(dsn)
  const id = crypto
    .getRandomValues(new Uint8Array(16))
    .reduce((text, byte) => text + byte.toString(16).padStart(2, '0'), '')
  const response = await fetch(
    `${boot.prefix}/api/${project}/store/?sentry_version=7&sentry_client=vedette-web&sentry_key=${key}`,
    {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(sampleEvent(id, Date.now())),
    },
  )
  if (response.ok) return id
  const body = (await response.json().catch(() => null)) as { detail?: string } | null
  throw new Error(body?.detail ?? response.headers.get('X-Sentry-Error') ?? `${response.status} ${response.statusText}`)
}

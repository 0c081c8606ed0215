/** What the server wrote into the page: who is asking, where the product lives, and at its end the first answers. */
import type { Organization, User } from './types'

export interface FirstAnswer {
  body: unknown
  link?: string
  hits?: number
}
export interface Boot {
  version: string
  prefix: string
  user: User | null
  organizations: Organization[]
  setup: boolean
  mail: boolean
  /** paths of the answers that the end of the page brings; empty once it is there */
  coming: string[]
}

const NOTHING: Boot = {
  version: '',
  prefix: '',
  user: null,
  organizations: [],
  setup: false,
  mail: false,
  coming: [],
}

export function readBoot(text: string | null | undefined): Boot {
  if (!text) return { ...NOTHING }
  const found = JSON.parse(text) as Partial<Boot>
  return { ...NOTHING, ...found, prefix: (found.prefix ?? '').replace(/\/$/, '') }
}

function written(id: string): string | null | undefined {
  return globalThis.document?.getElementById(id)?.textContent
}

export const boot = readBoot(written('boot'))

/** Answers by path, until they are taken. */
export const answers: Record<string, FirstAnswer> = {}

const PATIENCE_MS = 10_000

/** The page runs while its answers are made. Where it has ended before, they are there in the first pass. */
export const ended: Promise<void> =
  globalThis.document?.readyState === 'loading'
    ? new Promise((done) => {
        const stop = new AbortController()
        const end = () => {
          stop.abort()
          done(readAnswers())
        }
        document.addEventListener('DOMContentLoaded', end, stop)
        // no browser says that the connection broke: such a page loads for ever
        setTimeout(() => stop.signal.aborted || end(), PATIENCE_MS)
      })
    : Promise.resolve(readAnswers())

const REST_MS = 250 // where the browser does not tell

/** The page has ended, its answers are painted and nothing is left to do. */
export async function rest(): Promise<void> {
  await ended
  await new Promise<unknown>((done) =>
    'requestIdleCallback' in globalThis ? requestIdleCallback(done, { timeout: 1_000 }) : setTimeout(done, REST_MS),
  )
}

function readAnswers(): void {
  boot.coming = []
  try {
    Object.assign(answers, JSON.parse(written('answers') || '{}'))
  } catch {
    // the page was cut off: what it promised is asked for
  }
}

/** One of the answers that came with the page; each is handed out once, later reads ask the server. */
export function takeFirst(path: string): FirstAnswer | undefined {
  const answer = answers[path]
  delete answers[path]
  return answer
}

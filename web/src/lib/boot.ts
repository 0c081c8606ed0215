/** What the server wrote into the page: who is asking, where the product lives, and the first answers. */
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
  data: Record<string, FirstAnswer>
}

const NOTHING: Boot = {
  version: '',
  prefix: '',
  user: null,
  organizations: [],
  setup: false,
  mail: false,
  data: {},
}

export function readBoot(text: string | null | undefined): Boot {
  if (!text) return { ...NOTHING }
  const found = JSON.parse(text) as Partial<Boot>
  return { ...NOTHING, ...found, prefix: (found.prefix ?? '').replace(/\/$/, ''), data: found.data ?? {} }
}

export const boot = readBoot(globalThis.document?.getElementById('boot')?.textContent)

/** One of the answers that came with the page; each is handed out once, later reads ask the server. */
export function takeFirst(path: string): FirstAnswer | undefined {
  const answer = boot.data[path]
  delete boot.data[path]
  return answer
}

/**
 * News from the server, one stream for all tabs of a browser: the tab that holds the lease listens and
 * tells the others. Without a stream (proxy in the way, server restarting) everybody is told to ask again
 * every 15 s. Hidden tabs let go after 30 s.
 */
import { apiUrl, withParams } from './api'
import type { LiveMessage } from './types'

export const LEASE_MS = 10_000
const RENEW_MS = 4_000
const POLL_MS = 15_000
const LET_GO_MS = 30_000
const PATIENCE = 3 // broken connections in a row before we poll

export interface Lease {
  holder: string
  until: number
}

/** Whether `me` may hold the stream: nobody does, the holder is gone, or it is me already. */
export function mayHold(lease: Lease | null, me: string, now: number): boolean {
  return lease === null || lease.holder === me || lease.until <= now
}

export type LiveState = 'live' | 'polling' | 'off'
type Listener = (message: LiveMessage | null) => void
interface Wish {
  topics: string[]
  listener: Listener
}
type Note =
  | { kind: 'news'; message: LiveMessage }
  | { kind: 'state'; state: LiveState }
  | { kind: 'wants'; from: string; topics: string[] }
  | { kind: 'who' }

const NOBODY: Lease | null = null

/** One organization's news. `null` messages mean: something may have happened, ask. */
export class Live {
  readonly #me = Math.random().toString(36).slice(2)
  readonly #wishes = new Set<Wish>()
  readonly #others = new Map<string, string[]>()
  readonly #channel: BroadcastChannel | null
  #stream: EventSource | null = null
  #streamed = ''
  #broken = 0
  #state: LiveState = 'off'
  #timers: ReturnType<typeof setInterval>[] = []
  #hide: ReturnType<typeof setTimeout> | undefined

  constructor(
    readonly organization: string,
    readonly onstate: (state: LiveState) => void,
  ) {
    this.#channel =
      typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`vedette.live.${organization}`)
    this.#channel?.addEventListener('message', (event: MessageEvent<Note>) => this.#hear(event.data))
    document.addEventListener('visibilitychange', this.#onVisibility)
    addEventListener('pagehide', this.#release)
    addEventListener('storage', this.#onStorage)
    this.#wake()
  }

  /** Hears news of some topics until the returned function is called. */
  listen(topics: string[], listener: Listener): () => void {
    const wish = { topics, listener }
    this.#wishes.add(wish)
    this.#wishesChanged()
    return () => {
      this.#wishes.delete(wish)
      this.#wishesChanged()
    }
  }

  close(): void {
    this.#sleep()
    document.removeEventListener('visibilitychange', this.#onVisibility)
    removeEventListener('pagehide', this.#release)
    removeEventListener('storage', this.#onStorage)
    this.#channel?.close()
  }

  #wake(): void {
    if (this.#timers.length) return
    this.#timers = [
      setInterval(() => this.#lead(), RENEW_MS),
      setInterval(() => this.#state !== 'live' && this.#tell(null), POLL_MS),
    ]
    this.#say({ kind: 'who' })
    this.#lead()
  }

  #sleep(): void {
    for (const timer of this.#timers) clearInterval(timer)
    this.#timers = []
    this.#release()
    this.#setState('off')
  }

  readonly #release = (): void => {
    this.#stream?.close()
    this.#stream = null
    this.#streamed = ''
    if (this.#lease()?.holder === this.#me) localStorage.removeItem(this.#key)
  }

  readonly #onVisibility = (): void => {
    clearTimeout(this.#hide)
    if (document.hidden) this.#hide = setTimeout(() => this.#sleep(), LET_GO_MS)
    else if (!this.#timers.length) {
      this.#wake()
      this.#tell(null)
    }
  }

  /** Takes over from a tab that has let go, or from this one's page before it was loaded again. */
  readonly #onStorage = (event: StorageEvent): void => {
    if (event.key === this.#key && event.newValue === null && this.#timers.length) this.#lead()
  }

  get #key(): string {
    return `vedette.live.${this.organization}`
  }

  #lease(): Lease | null {
    try {
      return JSON.parse(localStorage.getItem(this.#key) ?? 'null') as Lease | null
    } catch {
      return NOBODY
    }
  }

  #lead(): void {
    const now = Date.now()
    if (!mayHold(this.#lease(), this.#me, now)) {
      if (this.#stream) this.#release()
      return
    }
    try {
      localStorage.setItem(this.#key, JSON.stringify({ holder: this.#me, until: now + LEASE_MS }))
    } catch {
      // no storage: every tab streams for itself
    }
    this.#open()
    this.#say({ kind: 'state', state: this.#state })
  }

  #topics(): string[] {
    const own = [...this.#wishes].flatMap((wish) => wish.topics)
    return [...new Set([...own, ...[...this.#others.values()].flat()])].sort()
  }

  #open(): void {
    const topics = this.#topics().join(',')
    if (topics === this.#streamed && this.#stream?.readyState !== EventSource.CLOSED) return
    this.#stream?.close()
    this.#stream = null
    this.#streamed = topics
    if (!topics) return
    const stream = new EventSource(apiUrl(withParams(`/organizations/${this.organization}/live/`, { topics })))
    stream.onopen = () => {
      this.#broken = 0
      this.#setState('live')
    }
    stream.onerror = () => {
      this.#broken += 1
      if (this.#broken >= PATIENCE || stream.readyState === EventSource.CLOSED) this.#setState('polling')
    }
    stream.onmessage = (event: MessageEvent<string>) => this.#news(JSON.parse(event.data) as LiveMessage)
    this.#stream = stream
  }

  #news(message: LiveMessage): void {
    this.#tell(message)
    this.#say({ kind: 'news', message })
  }

  #tell(message: LiveMessage | null): void {
    for (const wish of [...this.#wishes]) {
      if (message === null || wish.topics.includes(message.topic)) wish.listener(message)
    }
  }

  #hear(note: Note): void {
    if (note.kind === 'news') this.#tell(note.message)
    else if (note.kind === 'state' && !this.#stream) this.#setState(note.state)
    else if (note.kind === 'who') {
      this.#sayWishes()
      if (this.#stream) this.#say({ kind: 'state', state: this.#state })
    } else if (note.kind === 'wants') {
      if (note.topics.length) this.#others.set(note.from, note.topics)
      else this.#others.delete(note.from)
      if (this.#stream) this.#open()
    }
  }

  #wishesChanged(): void {
    this.#sayWishes()
    if (this.#timers.length) this.#lead()
  }

  #sayWishes(): void {
    this.#say({ kind: 'wants', from: this.#me, topics: [...this.#wishes].flatMap((wish) => wish.topics) })
  }

  #say(note: Note): void {
    this.#channel?.postMessage(note)
  }

  #setState(state: LiveState): void {
    if (this.#state === state) return
    this.#state = state
    this.onstate(state)
    if (this.#stream) this.#say({ kind: 'state', state })
  }
}

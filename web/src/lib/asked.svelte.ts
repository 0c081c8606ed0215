/** The answer to one question of a component: data, error, cursors; asked again when its path changes. */
import { get } from './api'
import type { Cursors } from './link'

export class Asked<T> {
  data = $state.raw<T | null>(null)
  error = $state.raw<unknown>(null)
  busy = $state(true)
  hits = $state<number | null>(null)
  cursors = $state.raw<Cursors>({ previous: null, next: null })
  readonly #path: () => string | null

  /** Make it while a component starts. A path of null asks nothing. */
  constructor(path: () => string | null) {
    this.#path = path
    $effect(() => {
      const stop = new AbortController()
      const wanted = path()
      if (wanted !== null) void this.#ask(wanted, stop.signal)
      return () => stop.abort()
    })
  }

  /** Asks again; what is shown stays until the answer is there. */
  async again(): Promise<void> {
    const wanted = this.#path()
    if (wanted !== null) await this.#ask(wanted)
  }

  async #ask(path: string, signal?: AbortSignal): Promise<void> {
    this.busy = true
    try {
      const answer = await get<T>(path, undefined, signal)
      if (signal?.aborted) return
      this.data = answer.data
      this.hits = answer.hits
      this.cursors = { previous: answer.previous, next: answer.next }
      this.error = null
    } catch (caught) {
      if (!signal?.aborted) this.error = caught
    } finally {
      if (!signal?.aborted) this.busy = false
    }
  }
}

/** The answer to one question of a component: data, error, cursors; asked again when its path changes. */
import { get } from './api'
import { s } from '../parts/strings'
import type { Cursors } from './link'

export class Asked<T> {
  data = $state.raw<T | null>(null)
  error = $state.raw<unknown>(null)
  busy = $state(true)
  hits = $state<number | null>(null)
  cursors = $state.raw<Cursors>({ previous: null, next: null })
  #stop: AbortController | null = null
  readonly #path: () => string | null

  /** Make it while a component starts. A path of null asks nothing. */
  constructor(path: () => string | null) {
    this.#path = path
    $effect(() => {
      const wanted = path()
      if (wanted === null) this.busy = false
      else void this.#ask(wanted)
      return () => this.#stop?.abort()
    })
  }

  /** Asks again; what is shown stays until the answer is there. */
  async again(): Promise<void> {
    const wanted = this.#path()
    if (wanted !== null) await this.#ask(wanted)
  }

  /** Stops waiting for an answer. */
  cancel(): void {
    this.#stop?.abort()
    this.busy = false
    this.error = new Error(s.cancelled)
  }

  async #ask(path: string): Promise<void> {
    this.#stop?.abort()
    this.#stop = new AbortController()
    const { signal } = this.#stop
    this.busy = true
    try {
      const answer = await get<T>(path, undefined, signal)
      if (signal.aborted) return
      this.data = answer.data
      this.hits = answer.hits
      this.cursors = { previous: answer.previous, next: answer.next }
      this.error = null
    } catch (caught) {
      if (!signal.aborted) this.error = caught
    } finally {
      if (!signal.aborted) this.busy = false
    }
  }
}

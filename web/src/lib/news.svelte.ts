/** The live stream of the organization at work, for components. */
import { Live, type LiveState } from './live'
import { session } from './session.svelte'
import type { LiveMessage } from './types'

class News {
  state = $state<LiveState>('off')
  #live: Live | null = null

  /** Hears topics of the organization at work; call it from an `$effect`, whose clean-up it returns. */
  listen(topics: string[], listener: (message: LiveMessage | null) => void): () => void {
    if (!session.user || !session.slug) return () => undefined
    if (this.#live?.organization !== session.slug) {
      this.#live?.close()
      this.#live = new Live(session.slug, (state) => (this.state = state))
    }
    return this.#live.listen(topics, listener)
  }
}

export const news = new News()

/** The live stream of the organization at work, for components. Its machinery loads once the page rests. */
import { rest } from './boot'
import { session } from './session.svelte'
import type { Live, LiveState } from './live'
import type { LiveMessage } from './types'

type Listener = (message: LiveMessage | null) => void

class News {
  state = $state<LiveState>('off')
  #live: Live | null = null

  /** Hears topics of the organization at work; call it from an `$effect`, whose clean-up it returns. */
  listen(topics: string[], listener: Listener): () => void {
    if (!session.user || !session.slug) return () => undefined
    const slug = session.slug
    let end: (() => void) | undefined
    let left = false
    // until then server and browser are at the page's answers
    void rest()
      .then(() => import('./live'))
      .then(({ Live }) => {
        if (!left) end = this.#of(slug, Live).listen(topics, listener)
      })
    return () => {
      left = true
      end?.()
    }
  }

  #of(slug: string, Maker: typeof Live): Live {
    if (this.#live?.organization === slug) return this.#live
    this.#live?.close()
    this.#live = new Maker(slug, (state) => (this.state = state))
    return this.#live
  }
}

export const news = new News()

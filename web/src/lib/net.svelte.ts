/** Whether the server answers, whether we are signed in, and whether the page is older than the server. */
import { boot } from './boot'

const FIRST_RETRY_MS = 2_000
const LAST_RETRY_MS = 30_000

class Net {
  offline = $state(false)
  signedOut = $state(false)
  stale = $state(false)
  /** grows each time the connection comes back; panels that failed for want of it ask again */
  returns = $state(0)
  #wait = FIRST_RETRY_MS
  #timer: ReturnType<typeof setTimeout> | undefined

  lost(): void {
    this.offline = true
    if (this.#timer !== undefined) return
    this.#timer = setTimeout(() => void this.#knock(), this.#wait)
    this.#wait = Math.min(this.#wait * 2, LAST_RETRY_MS)
  }

  answered(version: string | null): void {
    if (version && boot.version && version !== boot.version) this.stale = true
    if (!this.offline) return
    this.offline = false
    this.#wait = FIRST_RETRY_MS
    this.returns += 1
  }

  async #knock(): Promise<void> {
    this.#timer = undefined
    const answer = await fetch(`${boot.prefix}/_health/`).catch(() => null)
    if (answer?.ok) this.answered(null)
    else this.lost()
  }
}

export const net = new Net()

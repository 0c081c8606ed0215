/** Long work in turns: between two of them the browser paints and answers to the keyboard. */

const TURN_MS = 12 // with what a task has beside it, well below the 50 ms that a person begins to feel

export class Turns {
  #began = performance.now()

  /** Goes on at once while the turn is young, else after the browser has had its own. */
  async next(): Promise<void> {
    if (performance.now() - this.#began >= TURN_MS) await this.end()
  }

  /** Goes on after the browser has had its own, however young the turn is: what comes next is long by itself. */
  async end(): Promise<void> {
    await passed()
    this.#began = performance.now()
  }
}

/** A task later; a timer would be held back to 4 ms, and to a second in a tab behind. */
function passed(): Promise<void> {
  return new Promise((done) => {
    const channel = new MessageChannel()
    channel.port1.onmessage = () => {
      channel.port1.close()
      done()
    }
    channel.port2.postMessage(null)
  })
}

/** The minute hand all relative times read, so that a page ticks together. */

const TICK_MS = 10_000

class Ticker {
  now = $state(Date.now())
}

export const ticker = new Ticker()
setInterval(() => {
  if (!document.hidden) ticker.now = Date.now()
}, TICK_MS)
document.addEventListener('visibilitychange', () => (ticker.now = Date.now()))

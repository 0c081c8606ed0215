/** The minute hand all relative times read, so that a page ticks together; exact times for who points at one. */
import { prefs } from './prefs.svelte'
import { absolute, utc } from './time'

const TICK_MS = 10_000

class Ticker {
  now = $state(Date.now())
}

export const ticker = new Ticker()
setInterval(() => {
  if (!document.hidden) ticker.now = Date.now()
}, TICK_MS)
document.addEventListener('visibilitychange', () => (ticker.now = Date.now()))

/** Both exact times, once somebody points at a `<time>`: a list has a hundred, each as dear as ten cells. */
export function tellTime(event: PointerEvent & { currentTarget: HTMLTimeElement }): void {
  const time = event.currentTarget
  time.title = `${absolute(time.dateTime, prefs.time)}\n${utc(time.dateTime)}`
}

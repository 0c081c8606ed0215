/** Times and durations as text. Everything takes milliseconds since the epoch, or an ISO string. */

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const WEEK = 7 * DAY

export interface TimeStyle {
  /** IANA name; undefined is the browser's own zone */
  zone?: string | undefined
  clock24h: boolean
}

export function ms(time: string | number): number {
  return typeof time === 'number' ? time : Date.parse(time)
}

/** `now`, `12s`, `5m`, `3h`, `2d`, `6w`, `3mo`, `2y`: one unit, rounded down; the future has a leading `in`. */
export function age(time: string | number, now: number): string {
  const passed = now - ms(time)
  if (Number.isNaN(passed)) return '–'
  // clocks differ a little; what lies just ahead is now
  if (passed < -MINUTE) return `in ${span(-passed)}`
  return passed < SECOND ? 'now' : span(passed)
}

/** `2h ago`, `now`. */
export function ago(time: string | number, now: number): string {
  const text = age(time, now)
  return text === 'now' || text === '–' || text.startsWith('in ') ? text : `${text} ago`
}

/** One unit, rounded down. */
export function span(passed: number): string {
  if (passed < MINUTE) return `${Math.floor(passed / SECOND)}s`
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)}m`
  if (passed < DAY) return `${Math.floor(passed / HOUR)}h`
  if (passed < 2 * WEEK) return `${Math.floor(passed / DAY)}d`
  if (passed < 60 * DAY) return `${Math.floor(passed / WEEK)}w`
  if (passed < 730 * DAY) return `${Math.floor(passed / (30.44 * DAY))}mo`
  return `${Math.floor(passed / (365.25 * DAY))}y`
}

/** Length of an operation: `840 µs`, `12 ms`, `1.34 s`, `2m 05s`, `3h 10m`, `4d`. */
export function duration(length: number): string {
  if (length < 1) return `${Math.round(length * 1_000)} µs`
  if (length < 1_000) return `${length < 10 ? length.toFixed(1) : Math.round(length)} ms`
  if (length < MINUTE) return `${(length / 1_000).toFixed(2)} s`
  if (length < HOUR)
    return `${Math.floor(length / MINUTE)}m ${String(Math.floor((length % MINUTE) / SECOND)).padStart(2, '0')}s`
  if (length < 2 * DAY)
    return `${Math.floor(length / HOUR)}h ${String(Math.floor((length % HOUR) / MINUTE)).padStart(2, '0')}m`
  return span(length)
}

/** Signed distance to a reference moment, for breadcrumbs: `−1.2 s`, `+30 ms`, `0`. */
export function offset(time: number, reference: number): string {
  const distance = time - reference
  if (distance === 0) return '0'
  return `${distance < 0 ? '−' : '+'}${duration(Math.abs(distance))}`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (part: number): string => String(part).padStart(2, '0')

/** `Nov 21, 2026, 21:00:00`. */
export function absolute(time: string | number, style: TimeStyle): string {
  const date = new Date(ms(time))
  // by hand where it is as plain as this: the first that a page makes of `Intl` takes 20 ms
  if (style.zone === undefined && style.clock24h && date.getFullYear() > 0)
    return `${MONTHS[date.getMonth()]} ${date.getDate()}, ${date.getFullYear()}, ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return format(time, style, { dateStyle: 'medium', timeStyle: 'medium' })
}

export function day(time: string | number, style: TimeStyle): string {
  return format(time, style, { month: 'short', day: 'numeric' })
}

export function clock(time: string | number, style: TimeStyle, withMs = false): string {
  return format(time, style, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    ...(withMs ? { fractionalSecondDigits: 3 as const } : {}),
  })
}

export function utc(time: string | number): string {
  const date = new Date(ms(time))
  return Number.isNaN(date.getTime()) ? '–' : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

// making one takes as long as fifty uses of it
const formats = new Map<string, Intl.DateTimeFormat>()

function format(time: string | number, style: TimeStyle, options: Intl.DateTimeFormatOptions): string {
  const date = new Date(ms(time))
  if (Number.isNaN(date.getTime())) return '–'
  const zone = style.zone ? { timeZone: style.zone } : {}
  const wanted = { ...options, hour12: !style.clock24h, ...zone }
  const key = JSON.stringify(wanted)
  let known = formats.get(key)
  if (!known) formats.set(key, (known = new Intl.DateTimeFormat('en', wanted)))
  return known.format(date)
}

/** Milliseconds in `14d`, `24h`, `30m`, `2w`; null when it is no such text. */
export function period(text: string): number | null {
  const found = /^(\d+)([smhdw])$/.exec(text)
  if (!found) return null
  const unit = { s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: WEEK }[found[2] as 's' | 'm' | 'h' | 'd' | 'w']
  return Number(found[1]) * unit
}

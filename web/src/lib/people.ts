/** Names of people as the pages show them. */
import type { EventUser } from './types'

/** Up to two letters: `Ada Lovelace` → `AL`, `ada@x.io` → `A`. */
export function initials(name: string): string {
  const words = name
    .replace(/@.*/, '')
    .split(/[\s._-]+/)
    .filter(Boolean)
  const letters = [words[0], words.length > 1 ? words[words.length - 1] : undefined].map((word) => word?.[0] ?? '')
  return letters.join('').toUpperCase() || '?'
}

/** The most telling of what an event says of its user, and the search key it came from. */
export function eventUser(user: EventUser | null): { key: string; value: string } | null {
  if (!user) return null
  for (const [key, value] of [
    ['user.email', user.email],
    ['user.username', user.username],
    ['user.id', user.id],
    ['user.ip', user.ip_address],
  ] as const) {
    if (value) return { key, value }
  }
  return user.name ? { key: 'user.name', value: user.name } : null
}

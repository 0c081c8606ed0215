/** How this user likes to see things: theme, zone, clock, density. Kept on the server and in this browser. */
import { send } from './api'
import { boot } from './boot'
import { keep, kept } from './store'
import type { TimeStyle } from './time'

export type Theme = 'system' | 'light' | 'dark'

class Prefs {
  theme = $state<Theme>((boot.user?.options?.theme as Theme | undefined) ?? kept<Theme>('theme', 'system'))
  zone = $state<string | undefined>(boot.user?.options?.timezone || undefined)
  clock24h = $state(boot.user?.options?.clock24h ?? kept('clock24h', true))
  dense = $state(kept('dense', false))

  get time(): TimeStyle {
    return { zone: this.zone, clock24h: this.clock24h }
  }

  setTheme(theme: Theme): void {
    this.theme = theme
    keep('theme', theme)
    paintTheme(theme)
    if (boot.user) void send('PUT', '/users/me/', { options: { theme } }).catch(() => undefined)
  }

  setZone(zone: string): void {
    this.zone = zone || undefined
    if (boot.user) void send('PUT', '/users/me/', { options: { timezone: zone } }).catch(() => undefined)
  }

  setClock24h(clock24h: boolean): void {
    this.clock24h = clock24h
    keep('clock24h', clock24h)
    if (boot.user) void send('PUT', '/users/me/', { options: { clock24h } }).catch(() => undefined)
  }

  setDense(dense: boolean): void {
    this.dense = dense
    keep('dense', dense)
  }
}

/** The cookie lets the server paint the next page right from the start. */
export function paintTheme(theme: Theme): void {
  const root = document.documentElement
  if (theme === 'system') delete root.dataset['theme']
  else root.dataset['theme'] = theme
  document.cookie = `vedette_theme=${theme}; path=${boot.prefix || '/'}; max-age=31536000; samesite=lax`
}

export const prefs = new Prefs()

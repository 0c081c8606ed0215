/** The product's places, and which of its floating layers is open. */
import type { IconName } from '../icons'
import type { ShortcutId } from '../keys'
import { s } from '../parts/strings'
import { session } from './session.svelte'

export interface Place {
  label: string
  icon: IconName
  path: string
  shortcut?: ShortcutId
}

class Shell {
  layer = $state<'palette' | 'help' | null>(null)

  show(layer: 'palette' | 'help' | null): void {
    this.layer = layer
  }

  /** What the rail shows; settings and the like join when their screens exist. */
  get places(): Place[] {
    const org = `/organizations/${session.slug}`
    return [{ label: s.issues, icon: 'inbox', path: `${org}/issues/`, shortcut: 'go.issues' }]
  }

  get accountPages(): { label: string; path: string }[] {
    return []
  }
}

export const shell = new Shell()

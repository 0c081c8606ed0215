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
  /** beginning of all paths that belong here, where it is not `path` */
  under?: string
  /** begins a group of places, with that heading if any */
  group?: string
}

class Shell {
  layer = $state<'palette' | 'help' | null>(null)

  show(layer: 'palette' | 'help' | null): void {
    this.layer = layer
  }

  /** What the rail shows. */
  get places(): Place[] {
    const org = `/organizations/${session.slug}`
    const insights = `${org}/insights/`
    const explore = `${org}/explore/`
    return [
      { label: s.issues, icon: 'inbox', path: `${org}/issues/`, shortcut: 'go.issues' },
      { label: s.traces, icon: 'traces', path: `${explore}traces/`, shortcut: 'go.traces', group: s.explore },
      { label: s.logs, icon: 'logs', path: `${explore}logs/`, shortcut: 'go.logs' },
      { label: s.metrics, icon: 'trending', path: `${explore}metrics/`, shortcut: 'go.metrics' },
      { label: s.errors, icon: 'circleAlert', path: `${explore}errors/` },
      { label: s.insightPages.backend, icon: 'backend', path: `${insights}backend/`, group: s.insights },
      { label: s.insightPages.frontend, icon: 'frontend', path: `${insights}frontend/` },
      { label: s.insightPages.ai, icon: 'ai', path: `${insights}ai/` },
      { label: s.insightPages.queues, icon: 'queues', path: `${insights}queues/` },
      { label: s.projects, icon: 'folder', path: `${org}/projects/`, shortcut: 'go.projects', group: '' },
      {
        label: s.settings,
        icon: 'settings',
        path: `/settings/${session.slug}/`,
        shortcut: 'go.settings',
        under: '/settings/',
      },
    ]
  }

  get accountPages(): { label: string; path: string }[] {
    return [
      { label: s.accountSettings, path: '/settings/account/details/' },
      { label: s.apiDocs, path: '/reference/api/' },
    ]
  }
}

export const shell = new Shell()

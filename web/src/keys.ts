/** Every shortcut, once. Screens give them hands (`onKeys`); `?` shows the table. None fires while typing. */
import { tinykeys } from 'tinykeys'

export interface Shortcut {
  id: string
  /** as tinykeys wants them */
  keys: readonly string[]
  /** as people read them */
  shown: string
  label: string
  group: 'Everywhere' | 'Go to' | 'Lists' | 'Issues' | 'Issue page' | 'Trace'
}

export const shortcuts = [
  { id: 'palette', keys: ['$mod+k'], shown: 'Ctrl K', label: 'Command palette', group: 'Everywhere' },
  { id: 'query', keys: ['/'], shown: '/', label: 'Go to the query box', group: 'Everywhere' },
  { id: 'close', keys: ['Escape'], shown: 'Esc', label: 'Leave the box, close the panel', group: 'Everywhere' },
  { id: 'help', keys: ['Shift+?', '?'], shown: '?', label: 'This table', group: 'Everywhere' },
  { id: 'go.issues', keys: ['g i'], shown: 'g i', label: 'Issues', group: 'Go to' },
  { id: 'go.traces', keys: ['g t'], shown: 'g t', label: 'Traces', group: 'Go to' },
  { id: 'go.logs', keys: ['g l'], shown: 'g l', label: 'Logs', group: 'Go to' },
  { id: 'go.metrics', keys: ['g m'], shown: 'g m', label: 'Metrics', group: 'Go to' },
  { id: 'go.projects', keys: ['g p'], shown: 'g p', label: 'Projects', group: 'Go to' },
  { id: 'go.settings', keys: ['g s'], shown: 'g s', label: 'Settings', group: 'Go to' },
  { id: 'row.next', keys: ['j', 'ArrowDown'], shown: 'j ↓', label: 'Next row', group: 'Lists' },
  { id: 'row.previous', keys: ['k', 'ArrowUp'], shown: 'k ↑', label: 'Previous row', group: 'Lists' },
  { id: 'row.open', keys: ['o', 'Enter'], shown: 'Enter o', label: 'Open', group: 'Lists' },
  { id: 'row.tab', keys: ['Shift+Enter'], shown: 'Shift Enter', label: 'Open in a new tab', group: 'Lists' },
  { id: 'row.peek', keys: ['p', 'Space'], shown: 'Space p', label: 'Peek', group: 'Lists' },
  { id: 'row.select', keys: ['x'], shown: 'x', label: 'Select row', group: 'Lists' },
  { id: 'row.range', keys: ['Shift+X'], shown: 'Shift x', label: 'Select up to here', group: 'Lists' },
  { id: 'row.all', keys: ['* a', 'Shift+* a'], shown: '* a', label: 'Select all', group: 'Lists' },
  { id: 'row.none', keys: ['* n', 'Shift+* n'], shown: '* n', label: 'Select none', group: 'Lists' },
  { id: 'resolve', keys: ['e'], shown: 'e', label: 'Resolve', group: 'Issues' },
  { id: 'resolve.next', keys: ['Shift+E'], shown: 'Shift e', label: 'Resolve in the next release', group: 'Issues' },
  { id: 'archive', keys: ['i'], shown: 'i', label: 'Archive…', group: 'Issues' },
  { id: 'reopen', keys: ['u'], shown: 'u', label: 'Reopen', group: 'Issues' },
  { id: 'assign', keys: ['a'], shown: 'a', label: 'Assign…', group: 'Issues' },
  { id: 'merge', keys: ['m'], shown: 'm', label: 'Merge selected', group: 'Issues' },
  { id: 'bookmark', keys: ['b'], shown: 'b', label: 'Bookmark', group: 'Issues' },
  { id: 'delete', keys: ['Delete'], shown: 'Del', label: 'Delete…', group: 'Issues' },
  { id: 'event.previous', keys: ['['], shown: '[', label: 'Previous event', group: 'Issue page' },
  { id: 'event.next', keys: [']'], shown: ']', label: 'Next event', group: 'Issue page' },
  { id: 'event.oldest', keys: ['Shift+{', '{'], shown: '{', label: 'Oldest event', group: 'Issue page' },
  { id: 'event.newest', keys: ['Shift+}', '}'], shown: '}', label: 'Newest event', group: 'Issue page' },
  { id: 'issue.next', keys: ['n'], shown: 'n', label: 'Next issue of the list', group: 'Issue page' },
  {
    id: 'issue.previous',
    keys: ['Shift+N'],
    shown: 'Shift n',
    label: 'Previous issue of the list',
    group: 'Issue page',
  },
  { id: 'stack.full', keys: ['f'], shown: 'f', label: 'Full or most relevant stack', group: 'Issue page' },
  { id: 'stack.raw', keys: ['s'], shown: 's', label: 'Source or raw stack', group: 'Issue page' },
  { id: 'stack.vars', keys: ['v'], shown: 'v', label: 'Variables', group: 'Issue page' },
  { id: 'copy.link', keys: ['y'], shown: 'y', label: 'Copy link', group: 'Issue page' },
  { id: 'copy.markdown', keys: ['Shift+Y'], shown: 'Shift y', label: 'Copy as Markdown', group: 'Issue page' },
  { id: 'comment', keys: ['c'], shown: 'c', label: 'Comment', group: 'Issue page' },
  { id: 'trace.open', keys: ['ArrowRight'], shown: '→', label: 'Show what lies below a span', group: 'Trace' },
  { id: 'trace.close', keys: ['ArrowLeft'], shown: '←', label: 'Hide it', group: 'Trace' },
  { id: 'trace.zoom', keys: ['z'], shown: 'z', label: 'Zoom to the span', group: 'Trace' },
  { id: 'trace.reset', keys: ['0'], shown: '0', label: 'Whole trace', group: 'Trace' },
  { id: 'trace.error', keys: ['w'], shown: 'w', label: 'Next failed span', group: 'Trace' },
  { id: 'trace.errorBack', keys: ['Shift+W'], shown: 'Shift w', label: 'Previous failed span', group: 'Trace' },
] as const satisfies readonly Shortcut[]

export type ShortcutId = (typeof shortcuts)[number]['id']
export type Hands = Partial<Record<ShortcutId, (event: KeyboardEvent) => void | false>>

const layers: Hands[] = []

/** Answers shortcuts until the returned function is called; the latest answer wins, `false` passes it on. */
export function onKeys(hands: Hands): () => void {
  layers.push(hands)
  return () => layers.splice(layers.indexOf(hands), 1)
}

/** Listens to the keyboard. Gives back the end of it. */
export function startKeys(): () => void {
  const pairs = shortcuts.flatMap((one) => one.keys.map((keys) => [keys, one.id] as const))
  // sequences first: `g i` must win over `i`, which the same press would also mean
  pairs.sort(([a], [b]) => Number(b.includes(' ')) - Number(a.includes(' ')))
  const bindings = pairs.map(([keys, id]) => [keys, (event: KeyboardEvent) => press(id, event)] as const)
  return tinykeys(window, Object.fromEntries(bindings))
}

function press(id: ShortcutId, event: KeyboardEvent): void {
  if (event.defaultPrevented || (id !== 'palette' && elsewhere(id, event))) return
  for (const hands of [...layers].reverse()) {
    const hand = hands[id]
    if (hand && hand(event) !== false) {
      event.preventDefault()
      return
    }
  }
}

/** Typing, an open menu or dialog, and Enter or Space on a focused control keep their own meaning. */
function elsewhere(id: ShortcutId, event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null
  // a dialog closes itself, and knows no other keys
  if (document.querySelector('dialog[open]')) return true
  if (!target) return false
  if (target.closest('input:not([type="checkbox"]), textarea, select, [contenteditable]')) return id !== 'close'
  if (target.closest('[role="menu"], [role="listbox"]')) return id !== 'close'
  if (['Enter', ' ', 'Spacebar'].includes(event.key)) return target.closest('a, button, summary, input') !== null
  return event.key.startsWith('Arrow') && target.closest('[role="tablist"], [role="tree"], [role="grid"]') !== null
}

export function shownKey(id: string): string | undefined {
  return shortcuts.find((one) => one.id === id)?.shown
}

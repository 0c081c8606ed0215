/**
 * Every shortcut, once. Screens give them hands (`onKeys`); `?` shows the table, with the words of
 * parts/shortcuts.ts. None fires while typing.
 */
import { tinykeys } from 'tinykeys'

export interface Shortcut {
  id: string
  /** as tinykeys wants them */
  keys: readonly string[]
  /** as people read them, where that is not the first of them */
  shown?: string
}

export const shortcuts = [
  { id: 'palette', keys: ['$mod+k'], shown: 'Ctrl K' },
  { id: 'query', keys: ['/'] },
  { id: 'close', keys: ['Escape'], shown: 'Esc' },
  { id: 'help', keys: ['Shift+?', '?'], shown: '?' },
  { id: 'go.issues', keys: ['g i'] },
  { id: 'go.traces', keys: ['g t'] },
  { id: 'go.logs', keys: ['g l'] },
  { id: 'go.metrics', keys: ['g m'] },
  { id: 'go.projects', keys: ['g p'] },
  { id: 'go.settings', keys: ['g s'] },
  { id: 'row.next', keys: ['j', 'ArrowDown'], shown: 'j ↓' },
  { id: 'row.previous', keys: ['k', 'ArrowUp'], shown: 'k ↑' },
  { id: 'row.open', keys: ['o', 'Enter'], shown: 'Enter o' },
  { id: 'row.tab', keys: ['Shift+Enter'], shown: 'Shift Enter' },
  { id: 'row.peek', keys: ['p', 'Space'], shown: 'Space p' },
  { id: 'row.select', keys: ['x'] },
  { id: 'row.range', keys: ['Shift+X'], shown: 'Shift x' },
  { id: 'row.all', keys: ['* a', 'Shift+* a'] },
  { id: 'row.none', keys: ['* n', 'Shift+* n'] },
  { id: 'resolve', keys: ['e'] },
  { id: 'resolve.next', keys: ['Shift+E'], shown: 'Shift e' },
  { id: 'archive', keys: ['i'] },
  { id: 'reopen', keys: ['u'] },
  { id: 'assign', keys: ['a'] },
  { id: 'merge', keys: ['m'] },
  { id: 'bookmark', keys: ['b'] },
  { id: 'delete', keys: ['Delete'], shown: 'Del' },
  { id: 'event.previous', keys: ['['] },
  { id: 'event.next', keys: [']'] },
  { id: 'event.oldest', keys: ['Shift+{', '{'], shown: '{' },
  { id: 'event.newest', keys: ['Shift+}', '}'], shown: '}' },
  { id: 'issue.next', keys: ['n'] },
  { id: 'issue.previous', keys: ['Shift+N'], shown: 'Shift n' },
  { id: 'stack.full', keys: ['f'] },
  { id: 'stack.raw', keys: ['s'] },
  { id: 'stack.vars', keys: ['v'] },
  { id: 'copy.link', keys: ['y'] },
  { id: 'copy.markdown', keys: ['Shift+Y'], shown: 'Shift y' },
  { id: 'comment', keys: ['c'] },
  { id: 'trace.open', keys: ['ArrowRight'], shown: '→' },
  { id: 'trace.close', keys: ['ArrowLeft'], shown: '←' },
  { id: 'trace.zoom', keys: ['z'] },
  { id: 'trace.reset', keys: ['0'] },
  { id: 'trace.error', keys: ['w'] },
  { id: 'trace.errorBack', keys: ['Shift+W'], shown: 'Shift w' },
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

/** The keys of a shortcut as people read them. */
export function shownKey(id: string): string | undefined {
  const found: Shortcut | undefined = shortcuts.find((one) => one.id === id)
  return found && (found.shown ?? found.keys[0])
}

/** Short notices at the foot of the page, some with a way back. */

export const UNDO_MS = 8_000
const STAY_MS = 4_000

export interface Toast {
  id: number
  text: string
  tone: 'plain' | 'error'
  undo?: () => void
}

class Toasts {
  list = $state<Toast[]>([])
  #next = 1

  show(text: string, options: { tone?: Toast['tone']; undo?: () => void } = {}): void {
    const id = this.#next++
    this.list.push({ id, text, tone: options.tone ?? 'plain', ...(options.undo ? { undo: options.undo } : {}) })
    setTimeout(() => this.drop(id), options.undo ? UNDO_MS : STAY_MS)
  }

  fail(error: unknown): void {
    this.show(error instanceof Error ? error.message : String(error), { tone: 'error' })
  }

  drop(id: number): void {
    this.list = this.list.filter((one) => one.id !== id)
  }
}

export const toasts = new Toasts()

/** What a person is changing: the values as typed, what is saved, and what the server said of it. */
import { ApiError } from './api'

export class Draft<T extends object> {
  values = $state({} as T)
  busy = $state(false)
  /** a refusal that belongs to no field */
  problem = $state('')
  /** refusals by field name */
  errors = $state.raw<Record<string, string>>({})
  done = $state(false)
  #saved = $state.raw({} as T)
  readonly #put: (changes: Partial<T>) => Promise<T | void>

  /** `put` sends the changed values and may give back the values as saved. */
  constructor(initial: T, put: (changes: Partial<T>) => Promise<T | void>) {
    this.#put = put
    this.take(initial)
  }

  /** Makes these values the saved ones. */
  take(values: T): void {
    this.#saved = structuredClone(values)
    this.values = structuredClone(values)
  }

  /** The values that differ from the saved ones. */
  get changes(): Partial<T> {
    const now = $state.snapshot(this.values) as T
    const names = Object.keys(now) as (keyof T)[]
    return Object.fromEntries(
      names.filter((name) => !same(now[name], this.#saved[name])).map((name) => [name, now[name]]),
    ) as Partial<T>
  }

  get dirty(): boolean {
    return Object.keys(this.changes).length > 0
  }

  discard(): void {
    this.values = structuredClone(this.#saved)
    this.errors = {}
    this.problem = ''
  }

  /** Whether it was saved; refusals are in `errors` and `problem`. */
  async save(): Promise<boolean> {
    this.busy = true
    this.errors = {}
    this.problem = ''
    this.done = false
    try {
      const kept = $state.snapshot(this.values) as T
      this.take((await this.#put(this.changes)) ?? kept)
      this.done = true
      return true
    } catch (error) {
      this.#refused(error)
      return false
    } finally {
      this.busy = false
    }
  }

  #refused(error: unknown): void {
    const fields = error instanceof ApiError ? error.fields : {}
    const known = Object.entries(fields).filter(([name]) => name in this.values)
    this.errors = Object.fromEntries(known.map(([name, texts]) => [name, texts.join(' ')]))
    if (!known.length) this.problem = error instanceof Error ? error.message : String(error)
  }
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

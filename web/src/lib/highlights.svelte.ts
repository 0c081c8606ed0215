/** Which highlights a project wants. Remembered in this browser, so that the page does not jump when asked anew. */
import { get, send } from './api'
import { DEFAULT_HIGHLIGHTS } from './event'
import { keep, kept } from './store'

class Highlights {
  #chosen = $state<Record<string, string[]>>(kept('highlights', {}))
  readonly #asked = new Set<string>()

  of(org: string, project: string): readonly string[] {
    const chosen = this.#chosen[`${org}/${project}`]
    return chosen?.length ? chosen : DEFAULT_HIGHLIGHTS
  }

  /** Asks the server once a visit. */
  async load(org: string, project: string): Promise<void> {
    const key = `${org}/${project}`
    if (this.#asked.has(key)) return
    this.#asked.add(key)
    const answer = await get<{ highlightTags?: string[] }>(`/projects/${key}/`).catch(() => null)
    if (answer) this.#set(key, answer.data.highlightTags ?? [])
  }

  /** Raises `ApiError` when the server refuses. */
  async save(org: string, project: string, tags: readonly string[]): Promise<void> {
    await send('PUT', `/projects/${org}/${project}/`, { highlightTags: tags })
    this.#set(`${org}/${project}`, [...tags])
  }

  #set(key: string, tags: string[]): void {
    this.#chosen[key] = tags
    keep('highlights', this.#chosen)
  }
}

export const projectHighlights = new Highlights()

/** Answers fetched before they are needed: the pointer rests on a row, so its page is likely next. */
import { get, type Answer } from './api'

const FRESH_MS = 15_000
const MOST = 12
const asked = new Map<string, { at: number; answer: Promise<Answer<unknown>> }>()

/** Asks for an answer now; a fresh one is not asked for twice. */
export function fetchAhead(path: string): void {
  const known = asked.get(path)
  if (known && Date.now() - known.at < FRESH_MS) return
  const answer = get<unknown>(path)
  asked.set(path, { at: Date.now(), answer })
  answer.catch(() => asked.delete(path))
  const oldest = asked.keys().next().value
  if (asked.size > MOST && oldest !== undefined) asked.delete(oldest)
}

/** The answer fetched ahead if it is fresh, else a new one. It is handed out once. */
export function getAhead<T>(path: string): Promise<Answer<T>> {
  const known = asked.get(path)
  asked.delete(path)
  return known && Date.now() - known.at < FRESH_MS ? (known.answer as Promise<Answer<T>>) : get<T>(path)
}

/** Small values kept in this browser. Storage may be refused (private mode); then they live as long as the page. */

export function keep(key: string, value: unknown): void {
  try {
    localStorage.setItem(`vedette.${key}`, JSON.stringify(value))
  } catch {
    // full or forbidden: the page works without memory
  }
}

export function kept<T>(key: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(`vedette.${key}`)
    return text === null ? otherwise : (JSON.parse(text) as T)
  } catch {
    return otherwise
  }
}

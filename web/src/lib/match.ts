/** Path patterns: `/organizations/:org/issues/:id/`. */

export type PathParams = Record<string, string>

/** The named parts of a path, decoded, or null when it does not fit. The last slash may be missing. */
export function match(pattern: string, path: string): PathParams | null {
  const wanted = parts(pattern)
  const given = parts(path)
  if (wanted.length !== given.length) return null
  const found: PathParams = {}
  for (const [i, part] of wanted.entries()) {
    const value = given[i] ?? ''
    if (part.startsWith(':')) found[part.slice(1)] = decode(value)
    else if (part !== value) return null
  }
  return found
}

function parts(path: string): string[] {
  return path.split('/').filter(Boolean)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Which attributes the rows of a dataset have, and their values. */
import { get } from '../api'

export interface Attribute {
  /** as columns and functions write it: `tags[retries,number]` */
  key: string
  /** as searches write it */
  name: string
  type: 'string' | 'number'
}

/** Keys that hold some text, as text and as number. Empty when the server does not say. */
export async function attributesOf(
  org: string,
  dataset: string,
  match = '',
  signal?: AbortSignal,
): Promise<Attribute[]> {
  const ask = async (type: Attribute['type']): Promise<Attribute[]> => {
    const params = { itemType: dataset, attributeType: type, substringMatch: match, per_page: 100 }
    const path = `/organizations/${org}/trace-items/attributes/`
    const answer = await get<{ key: string; name: string }[]>(path, params, signal).catch(() => null)
    return (answer?.data ?? []).map((one) => ({ ...one, type }))
  }
  const [texts, numbers] = await Promise.all([ask('string'), ask('number')])
  const known = new Set(texts.map((one) => one.name))
  return [...texts, ...numbers.filter((one) => !known.has(one.name))].sort((a, b) => a.name.localeCompare(b.name))
}

interface FoundValue {
  value: string
  count?: number | null
}

/** Values of a key that hold some text. */
export async function valuesOf(
  org: string,
  dataset: string,
  key: string,
  match: string,
  signal?: AbortSignal,
): Promise<FoundValue[]> {
  const path = `/organizations/${org}/trace-items/attributes/${encodeURIComponent(key)}/values/`
  const params = { itemType: dataset, substringMatch: match, per_page: 10 }
  const answer = await get<FoundValue[]>(path, params, signal).catch(() => null)
  return answer?.data ?? []
}

/** An OpenAPI document as a reader wants it: operations in groups, and schemas as short outlines. */

export interface Schema {
  $ref?: string
  type?: string | string[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  enum?: unknown[]
  const?: unknown
  oneOf?: Schema[]
  anyOf?: Schema[]
  allOf?: Schema[]
  additionalProperties?: Schema | boolean
  description?: string
  default?: unknown
  format?: string
}
interface Parameter {
  name: string
  in: string
  required?: boolean
  description?: string
  schema?: Schema
}
type Content = Record<string, { schema?: Schema }>
interface RawOperation {
  summary?: string
  description?: string
  parameters?: Parameter[]
  requestBody?: { content?: Content }
  responses?: Record<string, { description?: string; content?: Content }>
  tags?: string[]
  'x-needs'?: string[]
}
export interface Document {
  info: { title: string; version: string; description?: string }
  paths: Record<string, Record<string, RawOperation>>
  components?: { schemas?: Record<string, Schema> }
}
export interface Operation {
  id: string
  method: string
  path: string
  title: string
  about: string
  needs: string[]
  parameters: Parameter[]
  body: Schema | null
  answers: { status: string; text: string; schema: Schema | null }[]
}
export interface OperationGroup {
  name: string
  operations: Operation[]
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

/** All operations by their first tag, groups by name, operations in the order of the document. */
export function groupsOf(document: Document): OperationGroup[] {
  const groups = new Map<string, Operation[]>()
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const raw = item[method]
      if (!raw) continue
      const name = raw.tags?.[0] ?? 'other'
      groups.set(name, [...(groups.get(name) ?? []), operation(method, path, raw)])
    }
  }
  return [...groups].map(([name, operations]) => ({ name, operations })).sort((a, b) => a.name.localeCompare(b.name))
}

function operation(method: string, path: string, raw: RawOperation): Operation {
  return {
    id: `${method}-${path.replace(/[^\w]+/g, '-').replace(/^-|-$/g, '')}`,
    method: method.toUpperCase(),
    path,
    title: spaced(raw.summary ?? ''),
    about: raw.description ?? '',
    needs: raw['x-needs'] ?? [],
    parameters: raw.parameters ?? [],
    body: schemaIn(raw.requestBody?.content),
    answers: Object.entries(raw.responses ?? {}).map(([status, one]) => ({
      status,
      text: one.description ?? '',
      schema: schemaIn(one.content),
    })),
  }
}

function schemaIn(content: Content | undefined): Schema | null {
  return Object.values(content ?? {})[0]?.schema ?? null
}

/** `ListKeysOfProject` → `List keys of project`. */
export function spaced(name: string): string {
  const words = name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Operations whose path, title or description holds all the words. */
export function search(groups: readonly OperationGroup[], words: string): OperationGroup[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  return groups
    .map(({ name, operations }) => ({
      name,
      operations: operations.filter((one) => {
        const text = `${name} ${one.method} ${one.path} ${one.title} ${one.about}`.toLowerCase()
        return wanted.every((word) => text.includes(word))
      }),
    }))
    .filter((group) => group.operations.length > 0)
}

const DEEPEST = 3 // levels of objects shown; deeper ones are named only

/** A schema as lines of text, in the manner of TypeScript. Names that end in `?` may be missing. */
export function outline(schema: Schema, document: Document, depth = 0, within: readonly string[] = []): string {
  if (schema.$ref) return reference(schema.$ref, document, depth, within)
  const options = schema.oneOf ?? schema.anyOf
  if (options) return [...new Set(options.map((one) => outline(one, document, depth, within)))].join(' | ')
  if (schema.allOf?.[0]) return outline(schema.allOf[0], document, depth, within)
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(' | ')
  if (schema.items) return bracketed(outline(schema.items, document, depth, within))
  if (schema.properties) return object(schema, document, depth, within)
  if (typeof schema.additionalProperties === 'object')
    return `{ [name]: ${outline(schema.additionalProperties, document, depth, within)} }`
  return [schema.type ?? 'any'].flat().join(' | ')
}

function reference(ref: string, document: Document, depth: number, within: readonly string[]): string {
  const name = ref.slice(ref.lastIndexOf('/') + 1)
  const target = document.components?.schemas?.[name]
  if (!target || within.includes(name) || (depth >= DEEPEST && target.properties)) return name
  return outline(target, document, depth, [...within, name])
}

function bracketed(inner: string): string {
  return inner.includes(' | ') && !inner.startsWith('{') ? `(${inner})[]` : `${inner}[]`
}

function object(schema: Schema, document: Document, depth: number, within: readonly string[]): string {
  if (depth >= DEEPEST) return '{ … }'
  const pad = '  '.repeat(depth + 1)
  const rows = Object.entries(schema.properties ?? {}).map(([name, one]) => {
    const optional = schema.required?.includes(name) ? '' : '?'
    return `${pad}${name}${optional}: ${outline(one, document, depth + 1, within)}`
  })
  return rows.length ? `{\n${rows.join('\n')}\n${'  '.repeat(depth)}}` : '{}'
}

/** A line for the shell that asks this, with placeholders in capitals. */
export function exampleCurl(one: Operation, base: string): string {
  const path = one.path.replace(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase())
  return [
    `curl ${one.method === 'GET' ? '' : `-X ${one.method} `}'${base}${path}' \\`,
    `  -H 'Authorization: Bearer YOUR_TOKEN'${one.body ? ' \\' : ''}`,
    ...(one.body ? [`  -H 'Content-Type: application/json' -d '{}'`] : []),
  ].join('\n')
}

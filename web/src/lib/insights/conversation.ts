/** What a model and people said to each other, read from the attributes of spans. Pure; the texts are anybody's. */
import type { Row, Value } from '../explore/answers'

export type Role = 'system' | 'user' | 'assistant' | 'tool'

export interface ToolCall {
  name: string
  input: string
}
export interface Said {
  role: Role
  text: string
  /** tools that it asks for */
  calls: ToolCall[]
}
export interface Step {
  id: string
  trace: string
  at: string
  /** milliseconds */
  duration: number
  isFailed: boolean
  kind: 'call' | 'tool' | 'agent' | 'handoff'
  /** model, tool or agent */
  name: string
  agent: string
  /** what is new since the step before */
  said: Said[]
  inputTokens: number | null
  outputTokens: number | null
  /** US dollars */
  cost: number | null
}

/** Columns of the spans that a transcript is made of. */
export const FIELDS = [
  'id',
  'trace',
  'timestamp',
  'span.duration',
  'span.status',
  'gen_ai.operation.type',
  'gen_ai.request.model',
  'gen_ai.agent.name',
  'gen_ai.tool.name',
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'gen_ai.response.text',
  'gen_ai.tool.input',
  'gen_ai.tool.output',
  'gen_ai.tool.call.arguments',
  'gen_ai.tool.call.result',
  'gen_ai.usage.input_tokens',
  'gen_ai.usage.output_tokens',
  'gen_ai.cost.total_tokens',
] as const

const KINDS: Record<string, Step['kind']> = { tool: 'tool', agent: 'agent', handoff: 'handoff' }
const NO_FAILURE = ['ok', 'cancelled', 'unknown', '']

/** The steps in the order of their spans. Agents are steps only where nothing else tells what they did. */
export function stepsOf(rows: readonly Row[]): Step[] {
  const steps: Step[] = []
  const told = new Told()
  const isDetailed = rows.some((row) => kindOf(row) !== 'agent')
  for (const row of rows) {
    const kind = kindOf(row)
    if (kind === 'agent' && isDetailed) continue
    steps.push({
      ...factsOf(row, kind),
      said: kind === 'tool' ? toolSaid(row) : told.news(inputOf(row), outputOf(row)),
    })
  }
  return steps
}

function kindOf(row: Row): Step['kind'] {
  return KINDS[text(row['gen_ai.operation.type'])] ?? 'call'
}

function factsOf(row: Row, kind: Step['kind']): Omit<Step, 'said'> {
  const agent = text(row['gen_ai.agent.name'])
  const names = { tool: text(row['gen_ai.tool.name']), agent, handoff: agent, call: text(row['gen_ai.request.model']) }
  return {
    id: text(row['id']),
    trace: text(row['trace']),
    at: text(row['timestamp']),
    duration: numberOf(row['span.duration']) ?? 0,
    isFailed: !NO_FAILURE.includes(text(row['span.status'])),
    kind,
    name: names[kind],
    agent,
    inputTokens: numberOf(row['gen_ai.usage.input_tokens']),
    outputTokens: numberOf(row['gen_ai.usage.output_tokens']),
    cost: numberOf(row['gen_ai.cost.total_tokens']),
  }
}

/** Models are told everything from the start each time; what was told before is not shown again. */
class Told {
  #before: string[] = []

  news(input: readonly Said[], output: readonly Said[]): Said[] {
    const keys = input.map(keyOf)
    const known = new Set(this.#before)
    const fresh = input.filter((_, i) => !known.has(keys[i] ?? ''))
    this.#before = [...this.#before, ...keys, ...output.map(keyOf)]
    return [...fresh, ...output]
  }
}

function keyOf(said: Said): string {
  return JSON.stringify([said.role, said.text.trim(), said.calls.map((call) => call.name)])
}

function inputOf(row: Row): Said[] {
  return messagesOf(text(row['gen_ai.input.messages']), 'user')
}

function outputOf(row: Row): Said[] {
  const messages = messagesOf(text(row['gen_ai.output.messages']), 'assistant')
  return messages.length ? messages : messagesOf(text(row['gen_ai.response.text']), 'assistant')
}

function toolSaid(row: Row): Said[] {
  const input = text(row['gen_ai.tool.input']) || text(row['gen_ai.tool.call.arguments'])
  const output = text(row['gen_ai.tool.output']) || text(row['gen_ai.tool.call.result'])
  const call: Said = {
    role: 'assistant',
    text: '',
    calls: [{ name: text(row['gen_ai.tool.name']), input: pretty(input) }],
  }
  return [...(input ? [call] : []), ...(output ? [{ role: 'tool' as const, text: pretty(output), calls: [] }] : [])]
}

/** Messages of a JSON text in any of the shapes that SDKs write, or the text itself as one message. */
export function messagesOf(source: string, role: Role): Said[] {
  if (!source.trim()) return []
  const value = parsed(source)
  if (value === undefined) return [{ role, text: source, calls: [] }]
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.map((one) => messageOf(one, role)).filter((one) => one.text !== '' || one.calls.length > 0)
}

function messageOf(value: unknown, role: Role): Said {
  if (!isObject(value)) return { role, text: plain(value), calls: [] }
  const parts = value['parts'] ?? value['content'] ?? value['text'] ?? ''
  const said: Said = { role: roleOf(value['role'], role), text: '', calls: [] }
  const texts: string[] = []
  for (const part of Array.isArray(parts) ? (parts as unknown[]) : [parts]) {
    const call = callOf(part)
    if (call) said.calls.push(call)
    else texts.push(partText(part))
    if (isObject(part) && /result|response/.test(plain(part['type']))) said.role = 'tool'
  }
  for (const call of listOf(value['tool_calls'])) said.calls.push(callOf(call) ?? { name: plain(call), input: '' })
  return { ...said, text: texts.filter(Boolean).join('\n') }
}

function roleOf(role: unknown, usual: Role): Role {
  const names: Record<string, Role> = {
    system: 'system',
    developer: 'system',
    user: 'user',
    human: 'user',
    tool: 'tool',
  }
  if (role === undefined) return usual
  return names[plain(role)] ?? 'assistant'
}

/** A part that asks for a tool, in the shapes of OpenTelemetry, OpenAI and Anthropic; null for any other. */
function callOf(part: unknown): ToolCall | null {
  if (!isObject(part)) return null
  const details = isObject(part['function']) ? part['function'] : part
  const isCall =
    isObject(part['function']) || ['tool_call', 'tool_use', 'tool-call', 'function_call'].includes(plain(part['type']))
  if (!isCall) return null
  const input = details['arguments'] ?? details['input'] ?? details['args'] ?? ''
  return { name: plain(details['name'] ?? details['toolName'] ?? ''), input: pretty(plain(input)) }
}

function partText(part: unknown): string {
  if (!isObject(part)) return plain(part)
  const inner = part['text'] ?? part['content'] ?? part['result'] ?? part['response'] ?? part['output']
  if (Array.isArray(inner)) return inner.map(partText).filter(Boolean).join('\n')
  if (inner !== undefined) return plain(inner)
  const type = plain(part['type'])
  return type ? `[${type}]` : plain(part)
}

/** JSON over several lines, where it is JSON. */
export function pretty(source: string): string {
  const value = parsed(source)
  return value !== undefined && typeof value === 'object' ? JSON.stringify(value, null, 1) : source
}

function parsed(source: string): unknown {
  if (!/^\s*[[{"]/.test(source)) return undefined
  try {
    return JSON.parse(source) as unknown
  } catch {
    return undefined
  }
}

function plain(value: unknown): string {
  if (value == null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean)
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : []
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: Value | undefined): string {
  return plain(value)
}

function numberOf(value: Value | undefined): number | null {
  return typeof value === 'number' ? value : null
}

export interface Sums {
  calls: number
  tools: number
  tokens: number
  cost: number | null
}

/** What a conversation took in all. */
export function sumsOf(steps: readonly Step[]): Sums {
  const costs = steps.filter((one) => one.kind === 'call' && one.cost !== null)
  const calls = steps.filter((one) => one.kind === 'call')
  return {
    calls: calls.length,
    tools: steps.filter((one) => one.kind === 'tool').length,
    tokens: calls.reduce((sum, one) => sum + (one.inputTokens ?? 0) + (one.outputTokens ?? 0), 0),
    cost: costs.length ? costs.reduce((sum, one) => sum + (one.cost ?? 0), 0) : null,
  }
}

/** Stack traces: which exceptions and frames to show, in which order, and as text. */
import type { EventDetail, Entry, ExceptionValue, Frame, Stacktrace, Thread } from './types'

type DataOf<T extends Entry['type']> = Extract<Entry, { type: T }>['data']

/** The data of an event's entry of one type, null where the event has none. */
export function entry<T extends Entry['type']>(event: EventDetail, type: T): DataOf<T> | null {
  const found = event.entries.find((one) => one.type === type)
  return (found?.data ?? null) as DataOf<T> | null
}

/** A node of the chain: exceptions of a group hang below it. */
export interface Link {
  exception: ExceptionValue
  /** place in the wire order, where the last one is what was raised */
  index: number
  depth: number
  relation: 'raised' | 'cause' | 'context' | 'member'
}

/** The chain from what was raised down to the root cause; members of a group below their group. */
export function chain(values: readonly ExceptionValue[]): Link[] {
  const ids = values.map((one) => one.mechanism?.exception_id)
  if (values.length > 1 && ids.every((id) => id != null)) return tree(values)
  return values
    .map((exception, index): Link => ({
      exception,
      index,
      depth: 0,
      relation: index === values.length - 1 ? 'raised' : 'cause',
    }))
    .reverse()
}

function tree(values: readonly ExceptionValue[]): Link[] {
  const links: Link[] = []
  const seen = new Set<number>()
  const add = (parent: number | null, depth: number) => {
    for (const [index, exception] of values.entries()) {
      const { exception_id: id, parent_id: up } = exception.mechanism ?? {}
      if ((up ?? null) !== parent || id == null || seen.has(id)) continue
      seen.add(id)
      links.push({ exception, index, depth, relation: relation(exception, parent) })
      add(id, depth + (exception.mechanism?.is_exception_group ? 1 : 0))
    }
  }
  add(null, 0)
  for (const [index, exception] of values.entries()) {
    if (!links.some((link) => link.index === index)) links.push({ exception, index, depth: 0, relation: 'cause' })
  }
  return links
}

function relation(exception: ExceptionValue, parent: number | null): Link['relation'] {
  if (parent === null) return 'raised'
  const source = exception.mechanism?.source ?? ''
  if (/exceptions\[|errors\[/.test(source)) return 'member'
  return source === '__context__' ? 'context' : 'cause'
}

/** Frames as shown: single ones, and runs of library frames folded into one line. */
export type Row =
  | { kind: 'frame'; frame: Frame; index: number }
  | { kind: 'folded'; frames: { frame: Frame; index: number }[]; what: string }
  | { kind: 'omitted'; from: number; to: number }

export interface StackView {
  newestFirst: boolean
  full: boolean
}

/** Rows of a stack trace. The most relevant view keeps in-app frames and the one next to each folded run's end. */
export function stackRows(stack: Stacktrace, view: StackView): Row[] {
  const frames = (stack.frames ?? []).map((frame, index) => ({ frame, index }))
  const hasApp = frames.some(({ frame }) => frame.inApp)
  const rows = view.full || !hasApp ? frames.map(asRow) : fold(frames)
  const omitted = stack.framesOmitted
  if (omitted && omitted[1] > omitted[0]) {
    const place = rows.findIndex((row) => row.kind === 'frame' && row.index >= omitted[0])
    rows.splice(place < 0 ? rows.length : place, 0, { kind: 'omitted', from: omitted[0], to: omitted[1] })
  }
  return view.newestFirst ? rows.reverse() : rows
}

function asRow({ frame, index }: { frame: Frame; index: number }): Row {
  return { kind: 'frame', frame, index }
}

function fold(frames: { frame: Frame; index: number }[]): Row[] {
  const rows: Row[] = []
  let run: { frame: Frame; index: number }[] = []
  const flush = (last: boolean) => {
    // where a library raised, its last frame says what it choked on
    const shown = last && run.length ? run.splice(-1) : []
    if (run.length === 1) rows.push(...run.map(asRow))
    else if (run.length) rows.push({ kind: 'folded', frames: run, what: owners(run) })
    rows.push(...shown.map(asRow))
    run = []
  }
  for (const one of frames) {
    if (one.frame.inApp) {
      flush(false)
      rows.push(asRow(one))
    } else run.push(one)
  }
  flush(true)
  return rows
}

/** Names of the libraries a run goes through: `django`, `django and asgiref`. */
function owners(run: { frame: Frame }[]): string {
  const names = [...new Set(run.map(({ frame }) => owner(frame)).filter((name) => name !== ''))]
  if (names.length <= 2) return names.join(' and ')
  return `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`
}

export function owner(frame: Frame): string {
  const package_ = frame.package?.split(/[\\/]/).at(-1)
  if (package_) return package_
  const npm = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(frame.absPath ?? frame.filename ?? '')?.[1]
  if (npm) return npm
  if (frame.module) return frame.module.split(/[./:]/)[0] ?? ''
  return /^(node|internal):/.test(frame.filename ?? '') ? 'node' : (frame.filename?.split('/')[0] ?? '')
}

/** The frame opened at first: the newest in-app one, else the newest. */
export function suspect(stack: Stacktrace): number {
  const frames = stack.frames ?? []
  const app = frames.findLastIndex((frame) => frame.inApp)
  return app >= 0 ? app : frames.length - 1
}

/** `file:line:col` as editors read it. */
export function location(frame: Frame): string {
  const file = frame.filename ?? frame.absPath ?? frame.module ?? frame.package ?? ''
  return [file, frame.lineNo, frame.colNo].filter((part) => part !== null && part !== '').join(':')
}

/** Why a frame is not readable, in plain words; null when it is. */
export function unmapped(frame: Frame): string | null {
  const error = frame.errors?.[0]
  if (!error) return null
  const reasons: Record<string, string> = {
    js_no_source: 'The source file is not in any uploaded artifact.',
    js_missing_source: 'The source file is not in any uploaded artifact.',
    js_missing_sourcemap: 'No source map was uploaded for this file.',
    js_invalid_source: 'The source map could not be read.',
    js_invalid_sourcemap: 'The source map could not be read.',
    js_invalid_sourcemap_location: 'The source map knows nothing of this place: it belongs to another build.',
    js_invalid_stack_frame_location: 'The frame has no line or column to map.',
    js_scraping_disabled: 'Fetching source maps from the web is off for this project.',
    native_missing_dsym: 'No debug file was uploaded for this image.',
    native_missing_symbol: 'The debug file has no symbol for this address.',
  }
  return error.message ?? reasons[error.type] ?? error.type
}

const LANGUAGES: [RegExp, string][] = [
  [/\.pyi?$|^python/, 'python'],
  [/\.tsx?$/, 'typescript'],
  [/\.(m|c)?jsx?$|\.vue$|\.svelte$|^javascript|^node/, 'javascript'],
  [/\.php$|^php/, 'php'],
  [/\.rb$|^ruby/, 'ruby'],
  [/\.go$|^go$/, 'go'],
  [/\.(java|kt|scala|groovy)$|^java/, 'java'],
  [/\.cs$|^csharp/, 'csharp'],
  [/\.rs$|^rust/, 'rust'],
  [/\.(c|cc|cpp|h|hpp|m|mm|swift|dart)$|^(native|cocoa|c)$/, 'clike'],
]

/** Grammar for a frame's source, by file name, else by platform. */
export function language(frame: Frame, platform: string | null): string {
  const file = frame.filename ?? frame.absPath ?? ''
  const known =
    LANGUAGES.find(([pattern]) => pattern.test(file)) ??
    LANGUAGES.find(([pattern]) => pattern.test(frame.platform ?? platform ?? ''))
  return known?.[1] ?? 'clike'
}

/** A stack as the platform itself would print it, near enough to read and to paste. */
export function stackText(values: readonly ExceptionValue[], platform: string | null): string {
  const python = platform === 'python'
  const parts = chain(values).map(({ exception }) => exceptionText(exception, python))
  if (!python) return parts.join('\nCaused by: ')
  return parts.reverse().join('\n\nThe above exception led to:\n\n')
}

function exceptionText(exception: ExceptionValue, python: boolean): string {
  const head = [exception.type, exception.value].filter(Boolean).join(': ')
  const frames = exception.stacktrace?.frames ?? []
  if (python) return ['Traceback (most recent call last):', ...frames.map(pythonFrame), head].join('\n')
  return [head, ...frames.toReversed().map((frame) => `    at ${frame.function ?? '?'} (${location(frame)})`)].join(
    '\n',
  )
}

function pythonFrame(frame: Frame): string {
  const line = frame.context?.find(([number]) => number === frame.lineNo)?.[1]?.trim()
  const at = `  File "${frame.absPath ?? frame.filename ?? '?'}", line ${frame.lineNo ?? '?'}, in ${frame.function ?? '?'}`
  return line ? `${at}\n    ${line}` : at
}

/** What an event has to show as stacks: its exceptions, else its threads, else a bare stack trace. */
export function stacksOf(event: EventDetail): { values: ExceptionValue[]; threads: Thread[] } {
  const values = entry(event, 'exception')?.values ?? []
  const threads = entry(event, 'threads')?.values ?? []
  const bare = entry(event, 'stacktrace')
  if (!values.length && !threads.length && bare) {
    return {
      values: [
        {
          type: null,
          value: null,
          module: null,
          threadId: null,
          mechanism: null,
          stacktrace: bare,
          rawStacktrace: null,
        },
      ],
      threads,
    }
  }
  return { values, threads }
}

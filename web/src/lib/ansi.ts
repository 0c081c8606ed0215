/** Text with the escape sequences of terminals in it, as runs of one look each. Pure; the text is hostile. */

export interface Run {
  text: string
  /** classes of `parts/Ansi.svelte`; empty for text as it is */
  look: string
}

interface Look {
  colour: string
  bold: boolean
  dim: boolean
  underline: boolean
}

const MOST_RUNS = 500 // a line of more is no line for people; the rest is plain
const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const
const PLAIN: Look = { colour: '', bold: false, dim: false, underline: false }

// controls but tab, line feed and carriage return; C1 ones are the same sequences in one character
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g
const CSI = /(?:\x1b\[|\x9b)([0-?]*)([ -/]*)([@-~])/y
// titles, links, images: up to their end, which they may not have
const STRING = /(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)/y
const OTHER = /\x1b[ -/]*[0-~]/y

/** The runs of a text, in order. Together they have all that can be read of it, and no controls. */
export function runsOf(text: string): Run[] {
  const runs: Run[] = []
  let look = PLAIN
  let from = 0
  CONTROL.lastIndex = 0
  for (let found = CONTROL.exec(text); found; found = CONTROL.exec(text)) {
    add(runs, text.slice(from, found.index), look)
    const [length, parameters] = sequenceAt(text, found.index)
    if (parameters !== null) look = styled(look, parameters)
    from = CONTROL.lastIndex = found.index + length
  }
  add(runs, text.slice(from), look)
  return runs
}

/** The text without its sequences. */
export function plainOf(text: string): string {
  return runsOf(text)
    .map((run) => run.text)
    .join('')
}

function add(runs: Run[], text: string, look: Look) {
  if (!text) return
  const name = runs.length < MOST_RUNS ? nameOf(look) : ''
  const before = runs.at(-1)
  if (before?.look === name) before.text += text
  else runs.push({ text, look: name })
}

function nameOf({ colour, bold, dim, underline }: Look): string {
  return [colour, bold && 'bold', dim && 'dim', underline && 'underline'].filter(Boolean).join(' ')
}

/** How long the sequence is that begins there, and what it says of the look; null where it says nothing. */
function sequenceAt(text: string, at: number): [length: number, parameters: string | null] {
  const csi = matched(CSI, text, at)
  if (csi)
    return [csi[0].length, csi[3] === 'm' && !csi[2] && /^[\d;:]{0,99}$/.test(csi[1] ?? '') ? (csi[1] ?? '') : null]
  const length = (matched(STRING, text, at) ?? matched(OTHER, text, at))?.[0].length ?? 1
  return [length, null]
}

function matched(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

/** The look after `1;31`: codes that are not known change nothing. */
function styled(look: Look, parameters: string): Look {
  const codes = parameters.split(';')
  let next = look
  for (let i = 0; i < codes.length; i++) {
    const [code = 0, ...own] = (codes[i] ?? '').split(':').map(Number)
    if (code !== 38 && code !== 48 && code !== 58) {
      next = { ...next, ...changeOf(code, own[0]) }
      continue
    }
    // a colour by number or by its parts, in one word or in several: `38:5:9`, `38;5;9`, `38;2;255;0;0`
    const kind = own.length ? own[0] : Number(codes[i + 1])
    const number = own.length ? own[1] : Number(codes[i + 2])
    if (!own.length) i += kind === 5 ? 2 : kind === 2 ? 4 : 1
    if (code === 38) next = { ...next, colour: kind === 5 ? colourAt(number ?? -1) : '' }
  }
  return next
}

function changeOf(code: number, own: number | undefined): Partial<Look> {
  if (code === 0) return PLAIN
  if (code === 1) return { bold: true }
  if (code === 2) return { dim: true }
  if (code === 4 || code === 21) return { underline: own !== 0 }
  if (code === 22) return { bold: false, dim: false }
  if (code === 24) return { underline: false }
  if (code >= 30 && code <= 37) return { colour: colourAt(code - 30) }
  if (code === 39) return { colour: '' }
  return code >= 90 && code <= 97 ? { colour: colourAt(code - 82) } : {}
}

/** The sixteen by name; others have no name, and no contrast that is known. */
function colourAt(number: number): string {
  const name = COLOURS[number % 8]
  if (!name || number >= 16) return ''
  return number < 8 ? name : `${name} bright`
}

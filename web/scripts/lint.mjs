// House rules the compiler does not know: colours, pixels and fonts are tokens; text is text.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../src/', import.meta.url))
const RULES = [
  [/\.(svelte|css)$/, /(?<![\w&])#[0-9a-fA-F]{3,8}\b(?=[;\s,)])/, 'raw colour: use a token'],
  [/\.(svelte|css)$/, /\b(rgba?|hsla?|oklch|oklab|lab|lch|color)\(/, 'raw colour: use a token'],
  [/\.(svelte|css)$/, /(?<![\w-])\d*\.?\d+px\b/, 'raw px: use a token'],
  [/\.(svelte|css)$/, /font-size:\s*[\d.]+rem/, 'raw type size: use a token'],
  [/\.(svelte|css)$/, /font-family:(?!\s*(var|inherit))/, 'raw font: use a token'],
  [/\.(svelte|ts)$/, /\{@html (?!icons\[|safe\()/, 'HTML from data: event content is hostile'],
  [/\.(svelte|ts)$/, /\b(TODO|FIXME|XXX)\b/, 'unfinished'],
  [/\.(svelte|ts)$/, /\bconsole\.(log|debug)\b/, 'left-over output'],
  [/\.svelte$/, /\sstyle="/, 'the content policy forbids style attributes: use style:'],
]
// in scripts of components, px are computed places of floating layers
const SCRIPT_PX = /\$\{.*\}px/

let found = 0
for (const name of readdirSync(source, { recursive: true })) {
  if (name === 'tokens.css') continue
  const rules = RULES.filter(([files]) => files.test(name))
  if (!rules.length) continue
  for (const [i, line] of readFileSync(join(source, name), 'utf8').split('\n').entries()) {
    for (const [, pattern, why] of rules) {
      if (!pattern.test(line) || (why.startsWith('raw px') && SCRIPT_PX.test(line))) continue
      console.error(`src/${name}:${i + 1}: ${why}: ${line.trim()}`)
      found += 1
    }
  }
}
process.exitCode = found ? 1 : 0

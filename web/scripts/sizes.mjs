// Sizes over the wire against the budgets; fails when one is over.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const KB = 1000
const BUDGETS = { first: 55 * KB, css: 14 * KB, chunk: 25 * KB, highlight: 15 * KB }
const folder = fileURLToPath(new URL('../../src/vedette/ui/static/', import.meta.url))
const manifest = JSON.parse(readFileSync(`${folder}manifest.json`, 'utf8'))
const packed = (file) => gzipSync(readFileSync(folder + file), { level: 9 }).length

/** Files a chunk needs before it runs. */
function closure(key, found = new Set()) {
  if (found.has(key)) return found
  found.add(key)
  if (!manifest[key]) throw new Error(`the manifest does not know ${key}`)
  for (const one of manifest[key].imports ?? []) closure(one, found)
  return found
}

const page = readFileSync(`${folder}index.html`, 'utf8')
const entry = Object.keys(manifest).find((key) => page.includes(`src="./${manifest[key].file}"`))
const first = closure(entry)
const sum = (files) => files.reduce((total, file) => total + packed(file), 0)
if (!entry) throw new Error('the page loads no script of the manifest')
const firstCss = [...page.matchAll(/href="\.\/(assets\/[^"]+\.css)"/g)].map(([, file]) => file)

const rows = [
  ['first load', sum([...first].map((key) => manifest[key].file)), BUDGETS.first],
  ['first css', sum(firstCss), BUDGETS.css],
]
for (const [key, one] of Object.entries(manifest)) {
  if (first.has(key) || !one.file.endsWith('.js')) continue
  rows.push([key, packed(one.file), key.includes('highlight') ? BUDGETS.highlight : BUDGETS.chunk])
}

let over = 0
for (const [name, size, budget] of rows) {
  const bad = size > budget
  over += bad ? 1 : 0
  console.log(
    `${bad ? 'OVER ' : '     '}${(size / KB).toFixed(1).padStart(6)} of ${(budget / KB).toFixed(0).padStart(3)} kB  ${name}`,
  )
}
process.exitCode = over ? 1 : 0

// Packs built files once, so that serving them costs nothing.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const SMALLEST = 512 // bytes; keep in step with SMALLEST_PACKED in src/vedette/ui/app.py
const folder = fileURLToPath(new URL('../../src/vedette/ui/static/', import.meta.url))

for (const name of readdirSync(folder, { recursive: true })) {
  if (!/\.(js|css|svg)$/.test(name)) continue
  const path = join(folder, name)
  const body = readFileSync(path)
  if (body.length < SMALLEST) continue
  writeFileSync(`${path}.br`, brotliCompressSync(body))
  writeFileSync(`${path}.gz`, gzipSync(body, { level: 9 }))
}

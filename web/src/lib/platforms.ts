/** Platforms a project can have: what people call them, and the two letters they wear. */

export interface Platform {
  /** as the API and SDKs spell it */
  id: string
  name: string
  group: 'Server' | 'Browser' | 'Mobile & desktop' | 'Other'
  mark: string
  /** other words people look for */
  words?: string
}

const TABLE: readonly (readonly [Platform['group'], string, string, string, string?])[] = [
  ['Server', 'python', 'Python', 'Py', 'asyncio script'],
  ['Server', 'python-django', 'Django', 'Dj', 'python'],
  ['Server', 'python-flask', 'Flask', 'Fl', 'python'],
  ['Server', 'python-fastapi', 'FastAPI', 'Fa', 'python'],
  ['Server', 'python-starlette', 'Starlette', 'St', 'python'],
  ['Server', 'python-celery', 'Celery', 'Ce', 'python queue worker'],
  ['Server', 'python-awslambda', 'AWS Lambda (Python)', 'λ', 'serverless'],
  ['Server', 'node', 'Node.js', 'No', 'javascript'],
  ['Server', 'node-express', 'Express', 'Ex', 'node javascript'],
  ['Server', 'node-fastify', 'Fastify', 'Ff', 'node javascript'],
  ['Server', 'node-nestjs', 'Nest', 'Ne', 'node javascript'],
  ['Server', 'node-hono', 'Hono', 'Ho', 'node javascript'],
  ['Server', 'bun', 'Bun', 'Bu', 'javascript'],
  ['Server', 'deno', 'Deno', 'De', 'javascript'],
  ['Server', 'php', 'PHP', 'Ph'],
  ['Server', 'php-laravel', 'Laravel', 'La', 'php'],
  ['Server', 'php-symfony', 'Symfony', 'Sy', 'php'],
  ['Server', 'ruby', 'Ruby', 'Rb'],
  ['Server', 'ruby-rails', 'Rails', 'Ra', 'ruby'],
  ['Server', 'go', 'Go', 'Go', 'golang'],
  ['Server', 'java', 'Java', 'Ja'],
  ['Server', 'java-spring-boot', 'Spring Boot', 'Sp', 'java'],
  ['Server', 'kotlin', 'Kotlin', 'Ko', 'java'],
  ['Server', 'dotnet', '.NET', '.N', 'c# csharp'],
  ['Server', 'dotnet-aspnetcore', 'ASP.NET Core', 'AS', 'c# csharp'],
  ['Server', 'rust', 'Rust', 'Rs'],
  ['Server', 'elixir', 'Elixir', 'El', 'phoenix'],
  ['Browser', 'javascript', 'Browser JavaScript', 'JS', 'plain'],
  ['Browser', 'javascript-react', 'React', 'Re'],
  ['Browser', 'javascript-nextjs', 'Next.js', 'Nx', 'react'],
  ['Browser', 'javascript-remix', 'Remix', 'Rx', 'react'],
  ['Browser', 'javascript-vue', 'Vue', 'Vu'],
  ['Browser', 'javascript-nuxt', 'Nuxt', 'Nu', 'vue'],
  ['Browser', 'javascript-svelte', 'Svelte', 'Sv'],
  ['Browser', 'javascript-sveltekit', 'SvelteKit', 'SK'],
  ['Browser', 'javascript-angular', 'Angular', 'An'],
  ['Browser', 'javascript-astro', 'Astro', 'As'],
  ['Mobile & desktop', 'apple-ios', 'iOS', 'iO', 'swift apple'],
  ['Mobile & desktop', 'apple-macos', 'macOS', 'mO', 'swift apple'],
  ['Mobile & desktop', 'android', 'Android', 'Ad', 'kotlin java'],
  ['Mobile & desktop', 'flutter', 'Flutter', 'Ft', 'dart'],
  ['Mobile & desktop', 'react-native', 'React Native', 'RN'],
  ['Mobile & desktop', 'unity', 'Unity', 'Un', 'c# game'],
  ['Mobile & desktop', 'native', 'Native (C, C++)', 'C+', 'crashpad breakpad minidump'],
  ['Other', 'opentelemetry', 'OpenTelemetry', 'OT', 'otlp'],
  ['Other', 'other', 'Something else', '··', 'curl http'],
]

export const platforms: readonly Platform[] = TABLE.map(([group, id, name, mark, words]) => ({
  id,
  name,
  group,
  mark,
  ...(words ? { words } : {}),
}))

const byId = new Map(platforms.map((one) => [one.id, one]))

/** The platform of an id; unknown ones (`python-bottle`) fall back to their family, then to themselves. */
export function platformOf(id: string | null | undefined): Platform {
  const found = byId.get(id ?? '') ?? byId.get((id ?? '').split('-')[0] ?? '')
  return found ?? { id: id ?? 'other', name: id || 'Something else', group: 'Other', mark: '··' }
}

/** Platforms that fit the words typed, in the order of the table. */
export function findPlatforms(words: string): Platform[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  return platforms.filter((one) => {
    const text = `${one.name} ${one.id} ${one.words ?? ''}`.toLowerCase()
    return wanted.every((word) => text.includes(word))
  })
}

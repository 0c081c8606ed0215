/** Shapes of settings as the API has them. */
import type { Project } from './types'

export interface ScrubRule {
  type: string
  method: string
  source: string
  pattern: string
  placeholder: string
}
export interface ProjectSettings extends Project {
  access: string[]
  options: Record<string, string | boolean>
  resolveAge: number
  retentionDays: number
  defaultEnvironment: string | null
  dataScrubber: boolean
  dataScrubberDefaults: boolean
  sensitiveFields: string[]
  safeFields: string[]
  scrubIPAddresses: boolean
  scrubbingRules: ScrubRule[]
  allowedDomains: string[]
  groupingEnhancements: string
  fingerprintingRules: string
}

/** Whether the caller may change a project. */
export function mayWrite(project: Project): boolean {
  return project.access?.includes('project:write') ?? false
}

/** Text with one value a line, into values; blanks and empty lines are left out. */
export function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
}

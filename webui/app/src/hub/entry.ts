// entry.ts - who wrote an entry and what it was about, where what was signed is a word of the programs.
import { t } from '../words/trail'

const ACTORS: Record<string, () => string> = { system: () => t.events.system, 'command line': () => t.events.commandLine }
export const actorWords = (actor: string): string => ACTORS[actor]?.() ?? actor

/** Numbers and accounts as they are; what the title says already is not said again. */
export function subjectWords(e: { action: string; subject: string; title: string }): string {
  const refused = /^refusal (\d+)$/.exec(e.subject)
  if (refused) return t.refs.refused(refused[1]!)
  return e.action === 'security.event' || e.subject === e.title ? '' : e.subject
}

// entry.ts - who wrote an entry and what it was about, where what was signed is a word of the programs.
import { t } from '../words/trail'

const ACTORS: Record<string, () => string> = { system: () => t.events.system, 'command line': () => t.events.commandLine }
export const actorWords = (actor: string): string => ACTORS[actor]?.() ?? actor

/** Numbers and accounts as they are; what the title says already is not said again. */
export function subjectWords(e: { action: string; subject: string; title: string }): string {
  const refused = /^refusal (\d+)$/.exec(e.subject)
  if (refused) return t.refs.refused(refused[1]!)
  // An entry of which no record is known is named by its author and number: "330127/0 1.6", "330127/0/6".
  const place = /^(\d{6})\/\d+(?: \d+\.|\/)(\d+)$/.exec(e.subject)
  if (place) return t.refs.place(place[1]!, place[2]!)
  return e.action === 'security.event' || e.subject === e.title ? '' : e.subject
}

/** What a check found, as the programs' logs say it, without the word by which they number what goes to whom. */
export const detailWords = (detail: string): string => detail.replace(/\bin lane 0\b/g, 'for everybody').replace(/\bin lane (\d+)\b/g, 'for $1 alone')

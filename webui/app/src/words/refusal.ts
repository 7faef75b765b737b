// refusal.ts - how a rule becomes a sentence of the page.
//
// The words of the rules are in several books: forms and the login have those they check before they send, the frame has
// `unknown`, and rules.ts all others.  api/client fetches the last before it reports a refusal (`everyRule`), so that
// whoever handles one finds its words; a page that shows rules it read in a list imports them from rules.ts.
import { shallowReactive } from 'vue'
import { spoken } from './speak'

/** How far a clock is off, in the largest unit that says it. */
export const howFar = (ms: number, [days, hours, minutes]: [string, string, string]): string => {
  const m = Math.round(Math.abs(ms) / 60_000)
  return m >= 2880 ? `${Math.round(m / 1440)} ${days}` : m >= 120 ? `${Math.round(m / 60)} ${hours}` : `${m} ${minutes}`
}
export type Rules = Record<string, (p: Record<string, string | number>) => string>

const books: { rules: Rules }[] = shallowReactive([])

/** A book that has words of rules among others. */
export function withRules<T extends { rules: Rules }>(book: T): T {
  books.push(book)
  return book
}

const sentence = (rule: string): Rules[string] | undefined => books.find((book) => book.rules?.[rule])?.rules[rule]
export const knowsRule = (rule: string): boolean => sentence(rule) !== undefined

/** The sentence of a rule; one that nobody translated keeps the server's own text. */
export const ruleWords = (rule: string, params: Record<string, string | number> = {}, text = ''): string =>
  (sentence(rule) ?? (text ? () => text : sentence('unknown')))?.(params) ?? text

/** Fetches every rule's words; when that cannot be done now, a refusal is still better told in the server's words. */
export const everyRule = async (): Promise<void> => {
  try {
    await import('./rules')
    await spoken()
  } catch {
    // the text that came with the refusal stands in
  }
}

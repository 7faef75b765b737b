// plain.ts - what was typed or pasted, without what nobody sees: for every form at once, in api/client.
//
// What is copied from a page, a chat or a PDF brings zero-width spaces, marks of direction and controls along.  The server
// refuses them and names them (core/base/text.h); a person cannot see what to delete, so here they go before anything is
// sent, and a space that only looks like one becomes one.  Lines and tabs stay, and the joiners of emoji and of the scripts
// that are written with them: where the server wants none of those either, in a name, it says so.
const LINES = /\r\n?|[\u0085\u2028\u2029]/gu
const SPACES = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800]/gu
const UNSEEN = /[\p{Cc}\p{Noncharacter_Code_Point}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\ufff9-\ufffc]/gu
const JOINER = /^[\u200c\u200d\ufe00-\ufe0f]$/u
const SINGLE = ['Han', 'Latin', 'Greek', 'Cyrillic', 'Hiragana', 'Katakana', 'Hangul', 'Bopomofo'].map((script) => `\\p{Script=${script}}`).join('')
const JOINED = new RegExp(`(?:[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\ufe0f]|(?![${SINGLE}])[\\p{L}\\p{M}])$`, 'u')

const stays = (c: string, before: string, behind: string): boolean =>
  c === '\n' || c === '\t' || (JOINER.test(c) && (JOINED.test(before) || behind.startsWith('\u20e3')))

export const plain = (text: string): string => text.replace(LINES, '\n').replace(SPACES, ' ')
  .replace(UNSEEN, (c: string, at: number, all: string) => (stays(c, all.slice(0, at), all.slice(at + c.length)) ? c : ''))

/** The same for all texts of what a form sends. */
export function plainly(value: unknown): unknown {
  if (typeof value === 'string') return plain(value)
  if (Array.isArray(value)) return value.map(plainly)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plainly(v)]))
}

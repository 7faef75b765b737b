// amount.ts - what was typed into a field of money or quantity, as an integer of its smallest part, or why it is none.
//
// A comma parts thousands and nothing else: read as nothing, "12,50" would be a hundred times too much.  The digits and
// points of a Chinese keyboard count as the plain ones.

export type Amount = { value: number } | { rule: 'number' | 'negative' | 'places' | 'thousands' | 'most'; params?: Record<string, string | number> }

/** `places` decimals at most; the whole part below `most`. */
export function amount(text: string, places: number, most: number): Amount {
  const plain = text.trim().normalize('NFKC').replace('。', '.')
  if (/^[-−]\s*[\d.,]+$/.test(plain)) return { rule: 'negative' }
  const parts = /^(\d+|\d[\d,]*\d)(?:\.(\d*))?$/.exec(plain)
  if (!parts) return { rule: 'number' }
  const [, whole, tail = ''] = parts as unknown as [string, string, string?]
  if (whole.includes(',') && !/^\d{1,3}(,\d{3})+$/.test(whole)) return { rule: 'thousands' }
  const part = tail.replace(/0+$/, '')
  if (part.length > places) return { rule: 'places', params: { places } }
  const units = Number(whole.replace(/,/g, ''))
  if (units > most || (units === most && part)) return { rule: 'most', params: { most } }
  return { value: units * 10 ** places + Number(part.padEnd(places, '0')) }
}

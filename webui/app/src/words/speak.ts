// speak.ts - which language the pages speak, and how a book of words comes to them.
//
// A book is a plain object of words and of functions that build a sentence, written once in Chinese and once in English,
// each a file of its own: a reader fetches the books of the pages he opens, in his language.  Importing a book asks for
// it; the router shows no page before `spoken` says that the books of its code are here.  What a page reads is one
// reactive copy, so that a switch of language changes what is on the screen and loses nothing that was typed.
import { ref, shallowReactive } from 'vue'
import { recall } from '../keep'

export type Lang = 'zh' | 'en'

interface Book {
  live: object
  has: Lang | null
  fetch: Record<Lang, () => Promise<{ default: object }>>
}

export const lang = ref<Lang>(recall<{ lang?: Lang }>('settings', {}).lang ?? 'zh')
const books: Book[] = []

async function fill(book: Book): Promise<void> {
  const to = lang.value
  if (book.has === to) return
  const words = (await book.fetch[to]()).default
  if (lang.value !== to) return
  Object.assign(book.live, words)
  book.has = to
}

/** Both languages under one name; each loads the module whose default export are the words. */
export function bilingual<T extends object>(zh: () => Promise<{ default: T }>, en: () => Promise<{ default: T }>): T {
  const book: Book = { live: shallowReactive({}), has: null, fetch: { zh, en } }
  books.push(book)
  fill(book).catch(() => undefined)           // whoever waits for it asks again and is told
  return book.live as T
}

/** Resolves when the books of all code that was loaded are here; rejects when one cannot be fetched now. */
export const spoken = (): Promise<unknown> => Promise.all(books.map(fill))

/** Speaks `to` from now on; resolves when every word on the screen has changed, rejects and changes nothing when it cannot be fetched. */
export async function speak(to: Lang): Promise<void> {
  await Promise.all(books.map((book) => book.has === to || book.fetch[to]()))
  lang.value = to
  document.documentElement.lang = to === 'zh' ? 'zh-CN' : 'en'
  await spoken()
}

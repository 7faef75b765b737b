// speak.ts - which language the pages speak, and how a dictionary is made of two.
//
// A dictionary is a plain object of words and of functions that build a sentence.  Chinese comes with the code
// that uses it; English is fetched when somebody asks for it.  What a page reads is one reactive copy, so that a
// switch of language changes what is on the screen and loses nothing that was typed.
import { ref, shallowReactive } from 'vue'

export type Lang = 'zh' | 'en'

interface Dictionary {
  live: object
  zh: object
  english: () => Promise<object>
}

export const lang = ref<Lang>('zh')
const dictionaries: Dictionary[] = []
let filling: Promise<unknown> = Promise.resolve()

async function fill(book: Dictionary, to: Lang): Promise<void> {
  const words = to === 'zh' ? book.zh : await book.english()
  if (lang.value === to) Object.assign(book.live, words)
}

/** Both languages under one name.  `english` loads the module whose default export has the same shape. */
export function bilingual<T extends object>(zh: T, english: () => Promise<{ default: T }>): T {
  const book: Dictionary = { live: shallowReactive({ ...zh }), zh, english: async () => (await english()).default }
  dictionaries.push(book)
  if (lang.value !== 'zh') filling = Promise.all([filling, fill(book, lang.value)])
  return book.live as T
}

/** Speaks `to` from now on; resolves when every word on the screen has changed. */
export async function speak(to: Lang): Promise<void> {
  lang.value = to
  document.documentElement.lang = to === 'zh' ? 'zh-CN' : 'en'
  filling = Promise.all(dictionaries.map((book) => fill(book, to)))
  await filling
}

/** Resolves when the dictionaries of code that was just loaded have their words. */
export const spoken = (): Promise<unknown> => filling

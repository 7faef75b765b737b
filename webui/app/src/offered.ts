// offered.ts - what a select offers: today's list, and whatever stood in the form.
//
// A record of before may say what is on no list any more: a supplier who supplies the product no longer, a unit of a newer
// program.  A select without it shows nothing, or another one, and sends it all the same: what is signed stands on the screen.
import { computed, ref, watch, type ComputedRef } from 'vue'

export type Choice = readonly [value: string, label: string]

/** `word`: how what is on the list no more is called.  An empty value is nothing chosen, which a form offers by itself. */
export function useOffered(today: () => Choice[], value: () => string, word: (value: string) => string = (v) => v): ComputedRef<Choice[]> {
  const stood = ref<string[]>([])
  watch(value, (v) => { if (v && !stood.value.includes(v)) stood.value.push(v) }, { immediate: true, flush: 'sync' })
  return computed(() => withStood(today(), stood.value, word))
}
export const withStood = (today: Choice[], stood: string[], word: (value: string) => string = (v) => v): Choice[] =>
  [...today, ...stood.filter((v) => v && !today.some(([there]) => there === v)).map((v): Choice => [v, word(v)])]

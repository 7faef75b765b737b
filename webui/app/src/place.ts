// place.ts - where lists were left, and when they are there again to be scrolled to that place.
import { nextTick } from 'vue'

interface Left { to: string; rows: number; top: number }
const left = new Map<string, Left>()
export const leaveAt = (path: string, place: Left): void => { left.set(path, place) }
/** Where a list was left, by its path: for the crumb of what was opened from it. */
export const leftAt = (path: string): Left | undefined => left.get(path)

const awaited = new Set<Promise<void>>()
/** A list whose rows are still to come; call the answer when they are there, or will not come. */
export function expectRows(): () => void {
  let there: () => void = () => undefined
  const coming = new Promise<void>((ok) => { there = ok })
  awaited.add(coming)
  return () => { there(); awaited.delete(coming) }
}
/** Resolves when every list of the page has its rows, or after two seconds: then the page may scroll to its place. */
export async function listsThere(): Promise<void> {
  await Promise.race([Promise.all(awaited), new Promise((ok) => setTimeout(ok, 2000))])
  await nextTick()
}

// stake.ts - what would be gone if the page were loaded anew now: presses and files on their way, and what is shown once.
import { ref, watch } from 'vue'

const onWay = ref(0)
const held: (() => boolean)[] = []
/** `there`: something is on this page alone until somebody has seen it. */
export const hold = (there: () => boolean): void => { held.push(there) }

/** A press, from its first question until it is done, or refused, or kept on this device. */
export async function during<T>(work: () => Promise<T>): Promise<T> {
  onWay.value++
  try { return await work() } finally { onWay.value-- }
}
export const pressing = (): boolean => onWay.value > 0
export const atStake = (): boolean => pressing() || held.some((there) => there())
export const whenFree = (then: () => void): void => { if (atStake()) watch(atStake, then, { once: true }); else then() }

// draft.ts - a form that loses nothing.
//
// What is typed is kept on this device as a draft of this account until it is saved; a form without an id keeps nothing
// (passwords).  The Idempotency-Key belongs to the draft: another tab with the same draft makes the same record, and is
// told when this one has.  A press is remembered with it before it goes, until its answer has come, so also where the page is
// gone by then: when the form was changed since and the server knows the key, it was that press, and the form says what it did.
// So a key goes to one address: a form of an act upon a row is made by act.ts, for that row alone.
//
// A press is taken at one moment: what is sent, under which key, what it is called where it waits and what stood in the form.
// The fields stay open while it is on its way.  What is typed since is no part of it: when the press is done it stays, as a
// draft under a key of its own, and the form says so.
//
// A form outlives its page while a press is on its way.  Whoever opens the same form meanwhile finds it as it is; where nobody
// does, a record that was refused comes back as one does that waited here, and what became of anything else is said wherever its
// author is by then.  Nobody is led away from where they are.
//
// A record that waited on this device and was refused is mended in its form (`?mend=` its key): it opens as it was filled in,
// with what is wrong marked, and what is saved takes the place of what waits, under the same key.
import { computed, effectScope, onScopeDispose, ref, shallowRef, watch, type EffectScope, type Ref, type ShallowRef } from 'vue'
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router'
import { newKey, post, Refused } from './api/client'
import { type Draft, draftOf, dropDraft, going, hearSaved, keepBeside, keepDraft, tellSaved } from './drafts'
import { differences, type Say } from './differences'
import { useAsked, type Asked } from './faults'
import { useHere, type Here } from './left'
import { readAgain } from './load'
import { cameBack, drop, saveHere } from './waiting'
import { outbox, type Waiting } from './outbox'
import { during } from './stake'
import { plain } from './store'
import { who } from './site'
import { w } from './words'
import { wForm } from './words/form'
import { everyRule } from './words/refusal'
import { y } from './words/away'
import type { Saved } from './api/shapes'

type Press = Pick<Waiting, 'path' | 'body' | 'title' | 'kind'>

export interface Form<T extends object> extends Omit<Asked<T>, 'send'> {
  restored: Ref<boolean>
  unanswered: Ref<boolean>                  // ... and what stands here, or stood here, was sent without an answer
  emptied: Ref<number>                      // so often the fields were set back to how they began: what is corrected fills them again
  elsewhere: Ref<boolean>                   // another tab has saved this draft
  earlier: ShallowRef<T | null>             // what a press whose answer was lost has done, as it was filled in then
  kept: Ref<string>                         // what was just saved on this device
  since: Ref<string | null>                 // something else was typed while a press was on its way: where what it did is seen
  here: () => Here                          // the page that shows it, or showed it last
  mends: Waiting | undefined                // the refused record that is mended here
  key: () => string
  /** Nothing while a press is on its way: what was sent can no longer not be saved, and keeps its key. */
  reset: () => void
  /** Whoever fills it in wants none of it: goes to `to`, or to the record that is mended. */
  leave: (to: string) => void
  /** What was asked for is done and the fields say what stands now; what of them was not asked for stays as a draft. */
  saved: () => void
  /** The press is done, as is seen `at`: the form begins anew.  False: its page was left, or something was typed since, and it
   *  stays with that. */
  done: (at?: string) => boolean
  send: (work: (key: string) => Promise<void>, own?: boolean) => Promise<'done' | 'refused' | 'cut'>
  /** Sends a record, which waits on this device when nothing answers.  Gives where it is seen, or null when nobody is to go there. */
  record: (press: Press, at: (made: Saved) => string) => Promise<string | null>
}

type Touched<T> = (fields: T) => boolean
/** Whoever shows it now, and how it ends when nobody does. */
interface Place { here: Here; moved: boolean; end: (stays: boolean) => void }
interface Living { form: unknown; scope: EffectScope; place: Place }
/** The forms whose page was left while a press was on its way, and those that were refused then. */
const living = new Map<string, Living>()

export function useDraft<T extends object>(id: string, start: T, order: string[], label: (field: string) => string,
  touched: Touched<T> = (f) => JSON.stringify(f) !== JSON.stringify(start), say: Say = (_, v) => String(v)): Form<T> {
  const here = useHere()
  const mended = useRoute().query.mend
  const mends = outbox.items.find((i) => i.faults && i.form?.id === id && i.key === mended)
  const name = JSON.stringify([who.value, id, mends?.key])
  let one = id ? living.get(name) : undefined
  living.delete(name)
  if (one) {
    one.place.here.forget()
    one.place.here = here
    one.place.moved = true
    here.press()
  } else {
    const scope = effectScope(true)
    const place: Place = { here, moved: false, end: (stays) => { if (!stays || !id) { living.delete(name); scope.stop() } } }
    one = { scope, place, form: scope.run(() => makeDraft(id, start, order, label, touched, say, mends, place)) }
  }
  const form = one.form as Form<T>
  const { scope } = one
  onScopeDispose(() => {
    if (!form.busy.value) scope.stop()
    else if (id) living.set(name, one)
  })
  return form
}

/** The press that got no answer is what the form goes on with: what was typed since, for another record, stands beside it. */
function pressedFirst(draft: Draft | undefined): Draft | undefined {
  const pressed = [draft?.pressed ?? []].flat()
  if (!draft || !pressed.length || pressed.some((p) => JSON.stringify(p) === JSON.stringify(draft.fields))) return draft
  keepBeside(draft)
  return { ...draft, fields: pressed[pressed.length - 1]! }
}

function makeDraft<T extends object>(
  id: string, start: T, order: string[], label: (field: string) => string, touched: Touched<T>, say: Say, mends: Waiting | undefined, place: Place
): Form<T> {
  const account = who.value ?? ''
  const route = id ? useRoute() : null
  const router = id ? useRouter() : null
  const begin = plain({ ...start, ...mends?.form?.fields } as T)      // what is typed into it is not typed into this
  let shelf = mends ? `${id}.${mends.key}` : id           // beside a draft of a next one
  const draft = id ? pressedFirst(draftOf(account, shelf)) : undefined
  const asked = useAsked(plain({ ...begin, ...draft?.fields } as T), order, label, (refused) => {
    if (!refused.has('key_reused')) return false
    reused()
    return true
  }, () => place.here.shown)
  const { fields, other, busy } = asked
  const restored = ref(draft !== undefined && JSON.stringify(fields) !== JSON.stringify(begin))
  const unanswered = ref([draft?.pressed ?? []].flat().length > 0)
  const emptied = ref(0)
  const elsewhere = ref(false)
  const kept = ref('')
  const since = ref<string | null>(null)
  let key = mends?.key ?? draft?.key ?? newKey()
  let press = { key, what: '', path: '', query: {} as LocationQueryRaw }       // the last one
  const earlier = shallowRef(null) as ShallowRef<T | null>
  const heading = computed(() => (earlier.value && other.value ? y.earlierHead : ''))
  let pressed = [draft?.pressed ?? mends?.form?.pressed ?? []].flat() as T[]    // what was sent under this key and got no answer
  let from = draft?.from ?? (mends && { title: mends.title, path: route!.fullPath })       // where the last of them was pressed
  let onWay: T | null = null                  // what is sent now
  let refusal: Refused | null = null          // of the last press
  let mending = mends                         // until a press has taken its place
  let sent = ''                               // what was sent and not refused, as it will be told to other tabs
  if (mends) void everyRule().then(() => {
    if (!mends.faults!.some((f) => f.rule === 'key_reused')) asked.refuse(mends.faults!)
    else {
      const now = { key, pressed }
      reused([mends.form?.pressed ?? []].flat() as T[])
      if (now.key !== mends.key) ({ key, pressed } = now)            // opened before: under a key of its own by now
    }
    return asked.show()
  })

  // What nobody typed is no draft: an opened and untouched form leaves nothing behind.
  const untouched = JSON.stringify(begin)
  const sentBefore = (): T[] => (onWay ? [...pressed, onWay] : pressed)
  const keep = (): void => { if (id) keepDraft(account, shelf, key, fields, sentBefore(), from) }
  const worth = (): boolean => sentBefore().length > 0 || (touched(fields) && JSON.stringify(fields) !== untouched)
  const settle = (): void => { if (worth()) keep(); else if (id) dropDraft(account, shelf, key) }
  if (id) watch(fields, settle, { deep: true })

  /** The key went with another content: that is saved, here or in another tab, and a second press is meant. */
  function reused(before = pressed): void {
    onWay = null
    anew()
    if (before.length) {
      earlier.value = before.length === 1 ? before[0]! : null     // of several nobody knows here which it was
      elsewhere.value = false
      readAgain()
    }
    other.value = earlier.value ? y.earlier(differences(earlier.value, fields, label, say)) : before.length ? y.earlierOf : y.elsewhere
    keep()
  }
  /** What stands here becomes a record of its own if it is saved after all. */
  function anew(): void {
    if (id) dropDraft(account, shelf, key)                       // what became of its press is known
    key = newKey()
    pressed = []
    elsewhere.value = true
    restored.value = false
  }
  const deaf = hearSaved((of, what) => {
    if (of !== key || busy.value) return
    anew()
    if (JSON.stringify(fields) === what) empty(start)
    else keep()
  })
  onScopeDispose(deaf)

  function empty(as: T): void { Object.assign(fields, plain(as)); emptied.value++ }
  function afresh(): void {
    empty(begin)
    saved()
    asked.clear()
  }
  const reset = (): void => { if (!busy.value) afresh() }
  function leave(to: string): void {
    if (busy.value) return
    afresh()
    void router?.replace(mends ? `/records/phone/${mends.key}` : to)
  }
  function saved(): void {
    if (id) dropDraft(account, shelf, key)
    if (sent) tellSaved(account, key, JSON.parse(sent) as object)
    if (mends && sent && !draftOf(account, id)) shelf = id
    key = mending && !sent ? mending.key : newKey()
    sent = ''
    pressed = []
    restored.value = elsewhere.value = false
    since.value = null
    if (worth()) keep()
  }
  /** What was mended is recorded, or waits under `by`: the next press makes a record of its own. */
  async function replaced(by = ''): Promise<void> {
    const old = mending
    mending = undefined
    if (old && old.key !== by) await drop(old.key)
  }
  function done(at = ''): boolean {
    if (JSON.stringify(fields) === press.what) { afresh(); return place.here.shown }
    saved()
    since.value = at
    if (place.here.shown) window.scrollTo(0, 0)
    return false
  }
  /** The press is over.  What the form would say of it is said elsewhere, where nobody sees the form. */
  function over(result: 'done' | 'refused' | 'cut', what?: string): void {
    if (result === 'done' && (place.moved || !place.here.shown)) readAgain()
    if (place.here.shown) return
    if (result !== 'done')
      place.here.tell([...asked.listed.value.map((l) => `${l.label}${w.colon}${l.fault.text}`), other.value].filter(Boolean).join(w.semicolon), what)
    place.end(result !== 'done')
  }
  /** What was looked up before it is sent may have come when the login was over: it goes under no other. */
  async function mine(): Promise<void> {
    if ((who.value ?? '') === account) return
    await everyRule()
    throw new Refused(401, [{ rule: 'login_required', text: '' }])
  }
  async function send(work: (key: string) => Promise<void>, own = false, called = ''): Promise<'done' | 'refused' | 'cut'> {
    if (busy.value) return 'refused'
    const { what } = press = { key, what: JSON.stringify(fields), path: route?.path ?? '', query: { ...route?.query, mend: undefined } }
    from = { title: called || (document.querySelector('h1')?.textContent?.trim() ?? ''), path: route?.fullPath ?? '' }
    going.add(key)
    earlier.value = since.value = null
    place.here.press()
    onWay = pressed.some((p) => JSON.stringify(p) === what) ? null : JSON.parse(what) as T
    keep()
    refusal = null
    const result = await asked.send(async () => {
      kept.value = ''
      try {
        await mine()
        await work(press.key)
      } catch (e) { if (e instanceof Refused) refusal = e; throw e }
      sent = what
      await replaced()
    }, own)
    going.delete(press.key)
    if (result === 'cut') pressed = sentBefore()
    onWay = null
    if (result !== 'done') settle()
    if (!own) over(result)
    return result
  }
  /** With what else was sent under its key: a press before this one, which may have been done. */
  function filledIn(): Waiting['form'] {
    const others = pressed.filter((p) => JSON.stringify(p) !== press.what)
    return id ? { id, path: press.path, query: press.query, fields: JSON.parse(press.what) as T, ...(others.length ? { pressed: others } : {}) } : undefined
  }
  /** Nothing answered: what was sent waits on this device, or is said not to. */
  async function keepHere(item: Press): Promise<string | null> {
    const under = press.key
    const how = await saveHere({ ...item, key: under, account, form: filledIn() })
    if (how === 'no') asked.lose(y.noRoom)
    if (how === 'twice') another()
    if (how !== 'kept') { await asked.show(); return null }
    sent = press.what
    await replaced(under)
    const at = `/records/phone/${under}`
    const whole = done(at)
    kept.value = item.title
    return whole ? at : null
  }
  /** Another tab's content went under the key: what stands here stays, for a record of its own. */
  function another(): void { anew(); keep(); other.value = y.elsewhere }
  /** It was refused, and nobody sees its form: it comes back as what waited here does.  What another press had done is said. */
  async function returned(item: Press, refused: Refused): Promise<boolean> {
    if (refused.has('key_reused')) return false
    const how = await cameBack({ ...item, key: press.key, account, form: filledIn() }, refused, !pressed.length)
    if (how === 'twice') another()
    if (how !== 'kept') return false
    mending = undefined
    done()
    return true
  }
  const record = (item: Press, at: (made: Saved) => string): Promise<string | null> => during(() => recorded(item, at))
  async function recorded(item: Press, at: (made: Saved) => string): Promise<string | null> {
    const { path, body, title, kind } = plain(item)
    let made: Saved | null = null
    const result = await send(async (under) => { made = await post<Saved>(path, body, under) }, true, title)
    let to: string | null = null
    let well = result === 'done'
    if (well) to = done(at(made!)) ? at(made!) : null
    else if (result === 'refused') well = !place.here.shown && refusal !== null && await returned({ path, body, title, kind }, refusal)
    else {
      busy.value = true                       // one press is on its way until it waits
      try { to = await keepHere({ path, body, title, kind }) } finally { busy.value = false }
      well = !other.value
    }
    over(well ? 'done' : 'refused', title)
    return to
  }
  return {
    ...asked, restored, unanswered, emptied, elsewhere, earlier, heading, kept, since, here: () => place.here, mends, key: () => key, reset, leave, saved,
    done, send, record, headline: (bad, doubts) => wForm.form.notSaved(bad, doubts),
  }
}

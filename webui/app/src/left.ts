// left.ts - what became of a press whose page was left meanwhile: said wherever its author is by then, until it was read.
//
// A page that is left hears its answers still, but shows nothing any more and leads nobody anywhere.
import { onScopeDispose } from 'vue'
import { useRoute } from 'vue-router'
import { site, who } from './site'
import { hold } from './stake'

/** `why`: what the answer was; `to`: the page where it was pressed. */
export interface Left { account: string; what: string; why: string; to: string; done?: boolean }

export interface Here {
  account: string                          // whose page it is
  shown: boolean
  /** A press begins: the page it belongs to is the one of this moment. */
  press: () => void
  /** Says `why` of the last press; nothing on the page itself, which says it in its own place. */
  tell: (why: string, what?: string, done?: boolean) => void
  /** It is seen where it belongs. */
  forget: () => void
}

hold(() => site.left.length > 0)

export function useHere(): Here {
  const route = useRoute()
  const account = who.value ?? ''
  let to = ''
  let name = ''
  let told: Left | null = null
  const here: Here = {
    account,
    shown: true,
    press: () => { to = route.fullPath },
    tell(why, what = '', done = false) {
      if (here.shown || !why) return
      here.forget()
      told = { account, what: what || name, why, to, done }
      site.left = [...site.left, told]
    },
    forget() { site.left = site.left.filter((x) => x !== told) },
  }
  onScopeDispose(() => {                      // the page that goes can be read still
    here.shown = false
    name = document.querySelector('h1')?.textContent?.trim() ?? ''
  })
  return here
}

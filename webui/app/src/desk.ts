// desk.ts - whether this is as wide as a desk: for the few lists that are a table there and rows on a phone.
import { ref } from 'vue'

const wide = matchMedia('(min-width: 60em)')
export const desk = ref(wide.matches)
wide.addEventListener('change', (e) => { desk.value = e.matches })

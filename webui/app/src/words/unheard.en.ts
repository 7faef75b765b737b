// unheard.en.ts - the words of a branch that has not heard the province yet, in English.
import type zh from './unheard.zh'

const en: typeof zh = {
  what: { catalogue: 'The catalogue has not come from the province yet', history: 'What this branch had recorded is not all back yet' },
  why: {
    catalogue:
      'This branch has not spoken with the province since it was enrolled: products, suppliers and its own earlier records have not come, '
        + 'and whether there are any is not known. They come by themselves when the line is there.',
    history: 'The province is sending it back; until all is here something may be missing. It goes on by itself when the line is there.',
  },
  kept: 'The branch has not received the catalogue and its earlier records from the province yet. When it has, this is saved at the branch '
    + 'by itself, and this page will change.',
}

export default en

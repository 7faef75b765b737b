// form.en.ts - the words of every form, and of the rules it checks before it sends, in English.
import type zh from './form.zh'

const en: typeof zh = {
  form: {
    notSaved: (bad, doubts) => 'Not saved yet: ' + [bad ? `${bad} to mend` : '', doubts ? `${doubts} to check` : ''].filter(Boolean).join(', '),
    draft: 'This goes on from what was not saved last time.',
    unanswered: 'The last press had no answer, so whether it was saved is not known. Press again: it is not saved twice.',
    dropDraft: 'Start afresh',
    pressSaved: 'What stood here when you pressed is saved.',
    since: ' What was changed since is below and not saved; saving it makes another record.',
    sinceSee: 'See what was saved',
  },
  rules: {
    check_digit: () => 'the last character does not fit the others; look for a slip',
    account_name: () => 'small letters and digits, with single . _ - between them, 2 to 32 characters; system is the program’s',
    twice: () => 'It stands twice',
    control_character: () => 'It holds an invisible control character',
    character: () => 'a character that must not be there',
    required: () => 'not filled in yet',
    choose: () => 'not chosen yet',
    type: () => 'wrong format',
    range: () => 'out of range',
    length: (p) => (p.max ? `too long, ${p.max} characters at most` : 'too long or too short'),
    one_of: (p) => (p.choices ? `no such choice; there are: ${p.choices}` : 'no such choice'),
    date: () => 'cannot be read, e.g. 2026-11-24',
    future: (p) => `later than today${p.today ? ` (${p.today})` : ''}`,
    number: () => 'not a number, e.g. 118.00',
    thousands: () => 'commas part thousands; decimals take a point: 12.50',
    places: (p) => (p.places === undefined ? 'too many decimals: two of a price, three of a quantity' : `at most ${p.places} decimals`),
    most: (p) => `at most ${p.most}`,
    whole: () => 'a whole number',
    brief: () => 'too short; say more',
    uscc: () => 'the last character does not fit the others; look for a slip',
    uscc_length: (p) => `has 18 characters; here are ${p.count}`,
    uscc_character: (p) => `has no character “${p.character}”`,
    positive: () => 'must be above 0',
    unit: (p) => (p.unit ? `it is counted by ${p.unit}, you wrote ${p.typed}; convert it first` : 'not the product’s unit; convert it first'),
    negative: () => 'must not be negative',
    repeat: () => 'the two are not the same',
    short: (p) => `too short, at least ${p.min ?? 10} characters`,
    same: () => 'the same as now',
    months: () => 'fill in both months',
    duplicate: () => 'given twice',
    outlier_own: (p) => `please check: ${p.times} times this branch’s last price`,
    outlier: (p) =>
      p.own_fen
        ? 'please check: far from this branch’s last price'
        : p.times
          ? `please check: ${p.times} times the province’s median`
          : 'please check: far from the province’s median',
    edge_space: () => 'begins or ends with a space',
    same_name: () => 'the catalogue has a product of this name; see the note above',
    unchanged: () => 'same as it is now',
  },
}

export default en

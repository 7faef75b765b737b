// home.en.ts - the words of a branch's home, in English.
import type zh from './home.zh'
import { many } from './many'

const en: typeof zh = {
  title: 'Home', waits: 'Waiting for me', none: 'Nothing waits for you', noneWhy: 'The province sent nothing back and no product waits to be confirmed.', saveHere: ' New records stay on this phone for now.', noneAt: (t) => `Nothing waited for you at ${t}`, noneAtWhy: 'There is no line now; what came since is not known.', unknown: 'It is not known whether something waits', unknownWhy: 'It shows when the branch node answers.', inSeason: (m) => `In season in ${m}`, kinds: (n) => `${n} ${many(n, 'product', 'products')}`, all: 'All', replies: 'Replies from the province', mine: 'My proposals', noReplies: 'No replies yet', noRepliesWhy: ' Decisions on proposals appear here.',
  cut: (t) => [`No line to the province since ${t}. `, 'The branch works as usual', '; '], cutPending: (n) => `${n} to report.`, cutNone: 'nothing is waiting.', refusedStrip: (n) => [`The province did not accept ${n}; `, 'see why'],
  phone: (n) => [`${n} still on this phone; `, 'they go when the node answers'], phoneRefused: (n) => [`${n} on this phone ${many(n, 'was', 'were')} not taken by the branch and will not go by ${many(n, 'itself', 'themselves')}; `, 'mend and save'], mend: (t) => `Correct: ${t}`, mendWhy: 'not accepted by the province', phoneMend: (t) => `Mend and save: ${t}`, phoneWhy: 'The branch did not take it; the reason is inside', confirm: (n, p) => `Confirm ${n} ${many(n, 'product', 'products')} of ${p}`, confirmWhy: 'Months and storage are typical values until somebody confirms them',
  rate: 'Rate', answer: (t) => `Answer about ${t}`, asked: 'the province asks', answerMore: (n) => `${n} more ${many(n, 'proposal', 'proposals')} the province asks about`, aRecord: 'a record', officers: 'the logistics officer deals with it', start: 'Record', price: 'Record a price', sheet: 'Price sheet', propose: 'Propose', records: 'See records', accepted: (p, n) => `${p}: all ${n} accepted`, partly: (p, n, k) => `${p}: ${k} of ${n} accepted`, rejected: (p) => `${p}: not accepted`, withReason: 'the reason is inside',
  terms: ['Lesser Cold', 'Great Cold', 'Start of Spring', 'Rain Water', 'Waking of Insects', 'Spring Equinox', 'Clear and Bright', 'Grain Rain', 'Start of Summer', 'Lesser Fullness', 'Grain in Ear', 'Summer Solstice', 'Lesser Heat', 'Great Heat', 'Start of Autumn', 'End of Heat', 'White Dew', 'Autumn Equinox', 'Cold Dew', 'Frost Descent', 'Start of Winter', 'Lesser Snow', 'Great Snow', 'Winter Solstice'],
}

export default en

// propose.en.ts - the words of making a proposal, in English.
import type zh from './propose.zh'

const en: typeof zh = {
  title: 'Propose', newProduct: 'Propose a product', newSupplier: 'Propose a supplier', correct: 'Correct', delist: 'Propose delisting', kinds: { new_product: 'New product', new_supplier: 'New supplier', correction: 'Correction', delisting: 'Delisting' }, what: 'What', productHint: 'something the catalogue does not have', supplierHint: 'somebody the catalogue does not have', existing: 'corrections and delistings start at the product', to: (n) => `Correct ${n}`, changeN: (n) => `${n} changed`, changed: 'changed', pick: 'Change only what is wrong; the rest is not sent.', base: (rev) => `Against revision ${rev}. If the province changes it first, both are shown side by side; nothing is overwritten.`, reason: 'Why', reasonNew: 'Why add it', reasonDelist: 'Why delist it', reasonHint: 'The reviewer reads this; say what it rests on', save: 'Save at the branch', nothing: 'Nothing is changed yet', from: 'from', until: 'to', addWindow: 'Add a window', removeWindow: 'Remove', allYear: 'All year', usccHint: '18 characters', delistWarn: 'Other branches will no longer be able to choose it either. Prices and ratings stay.', aliasesHint: 'parted by 、', geoHint: 'where it can be read up', yes: 'yes', no: 'no', open: 'season', closed: 'ban, closed', day: 'day',
}

export default en

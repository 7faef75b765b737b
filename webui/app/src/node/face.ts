// The node's face: what a branch works with, phone first.
import { w } from '../words'
import type { Face } from '../shell/face'

/** A form brings the page that says where its record is: that may have to be said when nothing can be fetched. */
const form = <T>(page: () => Promise<T>) => async (): Promise<T> => (await Promise.all([page(), import('./Saved.vue')]))[0]

const face: Face = {
  wide: false,
  menu: [
    { name: 'home', to: '/', icon: 'home', label: () => w.menu.home },
    { name: 'catalogue', to: '/catalogue', icon: 'leaf', label: () => w.menu.catalogue },
    { name: 'records', to: '/records', icon: 'list', label: () => w.menu.records },
    { name: 'me', to: '/me', icon: 'user', label: () => w.menu.me },
  ],
  routes: [
    { path: '/', name: 'home', component: () => import('./Home.vue'), meta: { menu: 'home' } },
    { path: '/catalogue', name: 'catalogue', component: () => import('../pages/Catalogue.vue'), meta: { menu: 'catalogue' } },
    { path: '/catalogue/:id', name: 'product', component: () => import('./Product.vue'), meta: { menu: 'catalogue', acts: true } },
    {
      path: '/catalogue/:id/price', name: 'price', component: form(() => import('./PriceForm.vue')),
      meta: { menu: 'catalogue', acts: true, roles: ['officer', 'admin'] },
    },
    { path: '/catalogue/:id/rate', name: 'rate', component: form(() => import('./RateForm.vue')), meta: { menu: 'catalogue', acts: true } },
    {
      path: '/catalogue/:id/correct', name: 'correct', component: form(() => import('./ProposeForm.vue')), props: { kind: 'correction' },
      meta: { menu: 'catalogue', acts: true },
    },
    {
      path: '/catalogue/:id/delist', name: 'delist', component: form(() => import('./ProposeForm.vue')), props: { kind: 'delisting' },
      meta: { menu: 'catalogue', acts: true },
    },
    { path: '/price', name: 'pick-price', component: () => import('./Pick.vue'), props: { to: 'price' }, meta: { menu: 'home', roles: ['officer', 'admin'] } },
    { path: '/rate', name: 'pick-rate', component: () => import('./Pick.vue'), props: { to: 'rate' }, meta: { menu: 'home' } },
    { path: '/confirm', name: 'confirm', component: () => import('./ConfirmList.vue'), meta: { menu: 'home', acts: true, roles: ['officer', 'admin'] } },
    { path: '/propose', name: 'propose', component: () => import('./Propose.vue'), meta: { menu: 'records' } },
    {
      path: '/propose/product', name: 'propose-product', component: form(() => import('./ProposeForm.vue')), props: { kind: 'new_product' },
      meta: { menu: 'records', acts: true },
    },
    {
      path: '/propose/supplier', name: 'propose-supplier', component: form(() => import('./ProposeForm.vue')), props: { kind: 'new_supplier' },
      meta: { menu: 'records', acts: true },
    },
    {
      path: '/suppliers/:id/correct', name: 'correct-supplier', component: form(() => import('./ProposeForm.vue')),
      props: { kind: 'correction', seller: true }, meta: { menu: 'catalogue', acts: true },
    },
    { path: '/proposals', redirect: '/records/proposals' },
    { path: '/proposals/:id', name: 'proposal', component: () => import('./Proposal.vue'), meta: { menu: 'records' } },
    { path: '/records/:tab(prices|evaluations|proposals)?', name: 'records', component: () => import('./Records.vue'), meta: { menu: 'records' } },
    { path: '/withheld', name: 'withheld', component: () => import('../pages/Withheld.vue'), meta: { menu: 'records' } },
    { path: '/sheet', name: 'sheet', component: () => import('./Sheet.vue'), meta: { menu: 'records', roles: ['officer', 'admin'] } },
    { path: '/sync', name: 'sync', component: () => import('./Sync.vue'), meta: { menu: 'sync' } },
    { path: '/accounts', name: 'accounts', component: () => import('../pages/Accounts.vue'), meta: { menu: 'me', roles: ['admin'] } },
    { path: '/me', name: 'me', component: () => import('../pages/Me.vue'), meta: { menu: 'me' } },
    { path: '/records/prices/:id', name: 'saved', component: () => import('./Saved.vue'), meta: { menu: 'records', acts: true } },
    { path: '/records/phone/:key', name: 'phone', component: () => import('./Saved.vue'), meta: { menu: 'records', acts: true } },
  ],
}
export default face

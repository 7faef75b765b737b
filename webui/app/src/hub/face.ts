// The hub's face: the province at a desk; every page also works at 360 px.
import { w } from '../words'
import { searchKey } from '../shell/keys'
import type { Face } from '../shell/face'

const CURATE = ['curator', 'admin']

searchKey()

const face: Face = {
  wide: true,
  menu: [
    { name: 'board', to: '/', icon: 'branch', label: () => w.menu.board },
    { name: 'review', to: '/review', icon: 'list', label: () => w.menu.review },
    { name: 'catalogue', to: '/catalogue', icon: 'leaf', label: () => w.menu.catalogue },
    { name: 'audit', to: '/audit', icon: 'shield', label: () => w.menu.audit },
    { name: 'enrol', to: '/branches', icon: 'people', label: () => w.menu.enrol },
    { name: 'me', to: '/me', icon: 'user', label: () => w.menu.me, only: 'only-phone' },
  ],
  routes: [
    { path: '/', name: 'board', component: () => import('./Board.vue'), meta: { menu: 'board' } },
    { path: '/review', name: 'review', component: () => import('./Reviews.vue'), meta: { menu: 'review', stay: true } },
    { path: '/review/prices', name: 'price-doubts', component: () => import('./PriceDoubts.vue'), meta: { menu: 'review' } },
    { path: '/review/:branch(\\d+)/:id(\\d+)', name: 'review-one', component: () => import('./Reviews.vue'), meta: { menu: 'review', acts: true, stay: true } },
    { path: '/catalogue', name: 'catalogue', component: () => import('../pages/Catalogue.vue'), meta: { menu: 'catalogue' } },
    { path: '/catalogue/new', name: 'product-new', component: () => import('./ProductEditor.vue'), meta: { menu: 'catalogue', acts: true, roles: CURATE } },
    { path: '/catalogue/:id(\\d+)', name: 'product', component: () => import('./ProductPage.vue'), meta: { menu: 'catalogue' } },
    {
      path: '/catalogue/:id(\\d+)/edit', name: 'product-edit', component: () => import('./ProductEditor.vue'),
      meta: { menu: 'catalogue', acts: true, roles: CURATE },
    },
    { path: '/compare/:id(\\d+)', name: 'compare', component: () => import('./Compare.vue'), meta: { menu: 'catalogue' } },
    { path: '/suppliers', name: 'suppliers', component: () => import('./Suppliers.vue'), meta: { menu: 'catalogue' } },
    { path: '/suppliers/new', name: 'supplier-new', component: () => import('./SupplierEditor.vue'), meta: { menu: 'catalogue', acts: true, roles: CURATE } },
    { path: '/suppliers/:id(\\d+)', name: 'supplier', component: () => import('./SupplierEditor.vue'), meta: { menu: 'catalogue', acts: true } },
    {
      path: '/suppliers/:id(\\d+)/edit', name: 'supplier-edit', component: () => import('./SupplierEditor.vue'),
      meta: { menu: 'catalogue', acts: true, roles: CURATE },
    },
    { path: '/delisted', name: 'delisted', component: () => import('./Delisted.vue'), meta: { menu: 'catalogue' } },
    { path: '/import', name: 'import', component: () => import('./Import.vue'), meta: { menu: 'catalogue', roles: CURATE } },
    { path: '/audit', name: 'audit', component: () => import('./Audit.vue'), meta: { menu: 'audit', stay: true } },
    { path: '/audit/:pos(\\d+)', name: 'audit-one', component: () => import('./Audit.vue'), meta: { menu: 'audit', stay: true } },
    { path: '/audit/branches', name: 'audit-branches', component: () => import('./AuditBranches.vue'), meta: { menu: 'audit' } },
    { path: '/audit/events', name: 'audit-events', component: () => import('./AuditEvents.vue'), meta: { menu: 'audit' } },
    { path: '/audit/keys', name: 'audit-keys', component: () => import('./AuditKeys.vue'), meta: { menu: 'audit' } },
    { path: '/audit/held', name: 'audit-held', component: () => import('./AuditHeld.vue'), meta: { menu: 'audit' } },
    { path: '/audit/checkpoint', name: 'audit-checkpoint', component: () => import('./AuditCheckpoint.vue'), meta: { menu: 'audit' } },
    { path: '/audit/row/:branch(\\d+)/:id(\\d+)', name: 'audit-row', component: () => import('./AuditRow.vue'), meta: { menu: 'audit' } },
    { path: '/behind/:of(price|score|judgement)', name: 'behind', component: () => import('./Behind.vue'), meta: { menu: 'catalogue' } },
    { path: '/audit/withheld', name: 'withheld', component: () => import('./AuditWithheld.vue'), meta: { menu: 'audit' } },
    { path: '/branches', name: 'enrol', component: () => import('./Branches.vue'), meta: { menu: 'enrol' } },
    { path: '/accounts', name: 'accounts', component: () => import('../pages/Accounts.vue'), meta: { menu: 'me', roles: ['admin', 'auditor'] } },
    { path: '/me', name: 'me', component: () => import('../pages/Me.vue'), meta: { menu: 'me' } },
  ],
}
export default face

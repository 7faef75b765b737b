// standin-withheld.mjs - what the stand-in answers about records that were withheld by law.
const MIN = 60_000
const RULES = [{ rule: 'pipl_47', title: '《个人信息保护法》第四十七条' }, { rule: 'civil_1037', title: '《民法典》第一千零三十七条' }, { rule: 'court', title: '人民法院生效裁判' }]

export function withheldRoutes(S, start, no) {
  const act = {
    author: 330127, author_name: '淳安县', lane: 0, seq: 4171, subject: '千岛湖鳙鱼', no: 'PJ330127-202611-0007', pos: 1204903, act_pos: 1204908, action: 'evaluation.add', action_title: '评价', recorded_by: 'officer', claimed_ms: start - 4000 * MIN,
    rule: 'pipl_47', rule_title: RULES[0].title, reason: '评语里写了送货人的姓名和电话，本人要求删除', asked_by: 'curator', asked_ms: start - 190 * MIN, decided_by: 'admin', at_ms: start - 30 * MIN,
  }
  let request = { id: 362838069063680, rule: 'pipl_47', rule_title: RULES[0].title, reason: '说明里写了农户的身份证号', asked_by: 'curator', asked_ms: start - 25 * MIN, verdict: null, answer_reason: '', answered_by: null, answered_ms: null }
  const standing = (pos) => {
    const base = { pos, state: 'open', why: null, act: null, requests: [], may_ask: S.account.role !== 'auditor', rows: 2, with: [{ pos: 1204861, no: 'JG330225-202611-0018', subject: '象山梭子蟹' }], rules: RULES }
    if (pos === 1204903) return { ...base, state: 'withheld', act, may_ask: false, rows: 0, with: [] }
    if (pos === 1204889) return { ...base, state: 'asked', may_ask: false, requests: [{ ...request, may_carry_out: S.account.role === 'admin', may_decline: S.account.role !== 'auditor' }] }
    if (pos === 1204910) return { ...base, state: 'kept', may_ask: false, rows: 0, with: [], why: { kind: 'conflict', rule: 'withhold_shared', field: 'product', text: 'product is shared' } }
    return base
  }
  /* What was taken back was asked for anew: `other` is what waits now. */
  const same = (b) => {
    if (S.other) { request = { ...request, id: request.id + 1, ...S.other }; S.other = null }
    if (b.request !== request.id) no(409, 'other_request', 'request')
    S.decided.set('withholding', b)
  }
  return [
    ['GET', 'audit/:pos/withholding', (_q, _b, pos) => standing(Number(pos))],
    ['POST', 'audit/:pos/withholding', (_q, _b, pos) => standing(Number(pos)), 201],
    ['POST', 'audit/:pos/withholding/carry-out', (_q, b) => { same(b); return standing(1204903) }, 201],
    ['POST', 'audit/:pos/withholding/decline', (_q, b, pos) => { same(b); return standing(Number(pos)) }, 201],
    ['GET', 'withheld', () => ({ total: 1, items: [act] })],
    ['GET', 'withhold-requests', () => ({ total: 1, items: [{ ...request, pos: 1204889, author: 330225, author_name: '象山县', seq: 5188 }] })],
  ]
}
